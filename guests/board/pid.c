/* Three controllers with anti-windup and a filtered derivative, each with a simulated motor, in floats. */
#include "../bench/kernel.h"

struct pid {
    float kp, ki, kd, integral, last, slope, low, high;
};
struct motor {
    float speed, current;
};
static struct pid pids[3];
static struct motor motors[3];

static float clamp(float v, float low, float high) {
    return v < low ? low : v > high ? high : v;
}

static NOINLINE float control(struct pid *p, float target, float measured, float dt) {
    float error = target - measured;
    p->slope += 0.2f * ((error - p->last) / dt - p->slope);
    p->last = error;
    float out = p->kp * error + p->integral + p->kd * p->slope;
    float limited = clamp(out, p->low, p->high);
    if (out == limited) p->integral += p->ki * error * dt;
    return limited;
}

static NOINLINE void simulate(struct motor *m, float volts, float dt) {
    float back = 0.05f * m->speed;
    m->current += (volts - back - 1.2f * m->current) * dt * 20.0f;
    m->speed += (0.8f * m->current - 0.02f * m->speed) * dt * 50.0f;
}

EXPORT s64 run(s32 n) {
    for (s32 i = 0; i < 3; i++) {
        pids[i] = (struct pid){0.8f, 2.5f + (float)i, 0.01f, 0, 0, 0, -12, 12};
        motors[i] = (struct motor){0, 0};
    }
    u32 s = 3, h = 0;
    float target = 100;
    for (s32 r = 0; r < n * 16; r++) {
        if (r % 100 == 0) target = (float)(next_random(&s) % 200);
        for (s32 i = 0; i < 3; i++) {
            float volts = control(&pids[i], target, motors[i].speed, 0.001f);
            simulate(&motors[i], volts, 0.001f);
        }
        h = h * 31 + (u32)(s32)(motors[r % 3].speed * 1000);
    }
    return h;
}
