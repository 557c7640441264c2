//! The firmware on the host: what it prints, and that every rogue is contained.

use firmware::{App, Console};

struct Printed(std::rc::Rc<std::cell::RefCell<String>>);

impl Console for Printed {
    fn print(&mut self, text: &str) {
        self.0.borrow_mut().push_str(text);
    }
}

#[test]
fn guests_are_called_and_contained() {
    let text = std::rc::Rc::new(std::cell::RefCell::new(String::new()));
    let mut app = Box::new(App::new(Printed(text.clone())));
    let good = app.run();
    let text = text.borrow();
    assert!(good, "{text}");
    for line in [
        "  guest: settled at ",
        "spin: all fuel consumed\n",
        "wild: out of bounds memory access\n",
        "peek: out of bounds memory access\n",
        "recurse: call stack exhausted\n",
        "divide: integer divide by zero\n",
    ] {
        assert!(text.contains(line), "no {line:?} in\n{text}");
    }
}
