/* A thermostat, as firmware links it: the host calls `step` with what the sensor says, in hundredths of a degree, and
 * gets a duty from 0 to 1000. What it has to say goes to the host's log. */
typedef unsigned int u32;

__attribute__((import_module("host"), import_name("log"))) void log_line(const char *text, u32 length);

static int target = 2150, integral, last, settled;
static char line[64];

static u32 put_text(u32 at, const char *text) {
    while (*text) line[at++] = *text++;
    return at;
}

static u32 put_number(u32 at, int value) {
    char digits[12];
    u32 count = 0, v = value < 0 ? 0u - (u32)value : (u32)value;
    do digits[count++] = (char)('0' + v % 10);
    while ((v /= 10) != 0);
    if (value < 0) line[at++] = '-';
    while (count) line[at++] = digits[--count];
    return at;
}

__attribute__((export_name("set_target"))) void set_target(int centidegrees) {
    target = centidegrees;
    integral = 0;
}

__attribute__((export_name("step"))) int step(int measured) {
    int error = target - measured;
    integral += error;
    if (integral > 20000) integral = 20000;
    if (integral < 0) integral = 0;
    int duty = 2 * error + integral / 40 - 4 * (measured - last);
    if (duty < 0) duty = 0;
    if (duty > 1000) duty = 1000;
    int near = error < 100 && error > -100;
    if (settled != near) {
        settled = near;
        u32 at = put_text(0, near ? "settled at " : "heating at ");
        at = put_number(at, measured);
        at = put_text(at, ", duty ");
        log_line(line, put_number(at, duty));
    }
    last = measured;
    return duty;
}
