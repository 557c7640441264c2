//! The call graph as a picture: a box for each function that an export reaches, with its numbers, callees below their
//! callers.
//!
//! Boxes stand in layers by the longest way to them, and in a layer near those that call them. All of it takes time in
//! proportion to the calls; nothing recurses.

use std::fmt::Write;

use super::report::{Func, Report};
use super::text::{count, grouped};

const WIDTH: usize = 200;
const HEIGHT: usize = 64;
const ACROSS: usize = 24;
const DOWN: usize = 56;
const MARGIN: usize = 24;
const HEADING: usize = 56;

/// Letters that fit into a box.
const LETTERS: usize = 29;

const STYLE: &str = "\
text { font: 11px monospace; fill: #222 }
.name { font-weight: bold }
.heading { font-size: 14px; font-weight: bold }
rect { fill: #f4f4f4; stroke: #888 }
.export rect { fill: #e3eefc; stroke: #2b66b1 }
.host rect { fill: #fff; stroke-dasharray: 4 3 }
.recursive rect { stroke: #c0392b; stroke-width: 2.5 }
path { fill: none; stroke: #777 }
.through { stroke-dasharray: 4 3 }
.back { stroke: #c0392b }
";

pub(crate) fn print(report: &Report) -> String {
    let graph = Graph::new(report);
    let rows = graph.rows();
    let longest = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = (longest * (WIDTH + ACROSS)).max(3 * WIDTH) + 2 * MARGIN;
    let height = HEADING + rows.len() * (HEIGHT + DOWN) + MARGIN;
    let mut at = vec![None; report.funcs.len()];
    for (y, row) in rows.iter().enumerate() {
        let left = (width - row.len() * (WIDTH + ACROSS) + ACROSS) / 2;
        for (x, func) in row.iter().enumerate() {
            at[*func] = Some((left + x * (WIDTH + ACROSS), HEADING + y * (HEIGHT + DOWN)));
        }
    }
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\">\n<style>\n{STYLE}</style>\n<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" \
         refX=\"8\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\"><path d=\"M0,0 L8,4 L0,8 z\" \
         style=\"fill: #777; stroke: none\"/></marker></defs>\n"
    );
    let left_out = graph.reached.iter().filter(|reached| !**reached).count();
    let mut heading = format!("{}: who calls whom", report.file);
    if left_out > 0 {
        let _ = write!(
            heading,
            "; {} not called by exports",
            count(left_out as u64, "function")
        );
    }
    let _ = writeln!(
        out,
        "<text class=\"heading\" x=\"{MARGIN}\" y=\"20\">{}</text>\n<text x=\"{MARGIN}\" y=\"38\">fuel: units that a \
         call takes at most; gap: units between two checks; slots: of the depth budget. Blue: exported; dashed: the \
         host&#39;s, or through a table; red: recursion.</text>",
        escaped(&heading)
    );
    for (from, edges) in graph.edges.iter().enumerate() {
        for edge in edges {
            if let (Some(from), Some(to)) = (at[from], at[edge.to]) {
                arrow(&mut out, from, to, edge.through);
            }
        }
    }
    for (n, func) in report.funcs.iter().enumerate() {
        if let Some(place) = at[n] {
            node(&mut out, func, graph.exported[n], place);
        }
    }
    out.push_str("</svg>\n");
    out
}

struct Edge {
    to: usize,
    /// Through a table.
    through: bool,
}

struct Graph {
    /// By function.
    edges: Vec<Vec<Edge>>,
    exported: Vec<bool>,
    reached: Vec<bool>,
    /// Those that are reached, callers before callees, but for calls back.
    order: Vec<usize>,
    /// By function: its place in `order`.
    place: Vec<usize>,
}

impl Graph {
    fn new(report: &Report) -> Graph {
        let count = report.funcs.len();
        let mut exported = vec![false; count];
        for bounds in &report.bounds {
            exported[bounds.func] = true;
        }
        let edges = report.funcs.iter().map(|func| {
            let direct = func.calls.iter().map(|to| Edge {
                to: *to,
                through: false,
            });
            let through = func.indirect.iter().flat_map(|through| &through.to);
            let through = through.map(|to| Edge {
                to: *to,
                through: true,
            });
            direct.chain(through).collect()
        });
        let mut graph = Graph {
            edges: edges.collect(),
            reached: vec![false; count],
            order: Vec::new(),
            place: vec![usize::MAX; count],
            exported,
        };
        graph.sort();
        graph
    }

    /// Finds what the exports reach, and its order: that in which a search is done with it, turned round.
    fn sort(&mut self) {
        for root in 0..self.edges.len() {
            if !self.exported[root] || self.reached[root] {
                continue;
            }
            self.reached[root] = true;
            let mut work = vec![(root, 0)];
            while let Some((func, next)) = work.last_mut() {
                match self.edges[*func].get(*next) {
                    Some(edge) => {
                        *next += 1;
                        if !std::mem::replace(&mut self.reached[edge.to], true) {
                            work.push((edge.to, 0));
                        }
                    }
                    None => {
                        self.order.push(*func);
                        work.pop();
                    }
                }
            }
        }
        self.order.reverse();
        for (n, func) in self.order.iter().enumerate() {
            self.place[*func] = n;
        }
    }

    /// Functions by rows, and in the order in which they stand there.
    fn rows(&self) -> Vec<Vec<usize>> {
        let mut layer = vec![0; self.edges.len()];
        let mut callers: Vec<Vec<usize>> = vec![Vec::new(); self.edges.len()];
        for func in &self.order {
            for edge in &self.edges[*func] {
                if self.place[edge.to] > self.place[*func] {
                    layer[edge.to] = layer[edge.to].max(layer[*func] + 1);
                    callers[edge.to].push(*func);
                }
            }
        }
        let mut layers: Vec<Vec<usize>> = Vec::new();
        for func in &self.order {
            let n = layer[*func];
            if layers.len() <= n {
                layers.resize(n + 1, Vec::new());
            }
            layers[n].push(*func);
        }
        // Each near the middle of its callers.
        let mut middle = vec![0.0; self.edges.len()];
        for members in &mut layers {
            for func in members.iter() {
                let sum: f64 = callers[*func].iter().map(|caller| middle[*caller]).sum();
                middle[*func] = sum / callers[*func].len().max(1) as f64;
            }
            members.sort_by(|a, b| middle[*a].total_cmp(&middle[*b]).then(a.cmp(b)));
            let half = members.len() as f64 / 2.0;
            for (n, func) in members.iter().enumerate() {
                middle[*func] = n as f64 - half;
            }
        }
        // What is wider than a picture of this size should be takes several rows.
        let most = self.order.len().isqrt().max(6);
        let rows = layers.iter().flat_map(|members| members.chunks(most));
        rows.map(<[usize]>::to_vec).collect()
    }
}

fn arrow(out: &mut String, from: (usize, usize), to: (usize, usize), through: bool) {
    let back = to.1 <= from.1;
    let class = match (through, back) {
        (false, false) => "",
        (true, false) => " class=\"through\"",
        (false, true) => " class=\"back\"",
        (true, true) => " class=\"through back\"",
    };
    let (x, y) = (from.0 + WIDTH / 2, from.1 + HEIGHT);
    let (to_x, to_y) = (to.0 + WIDTH / 2, to.1);
    let path = if back {
        // Out at the right, and in again there.
        let (x, y) = (from.0 + WIDTH, from.1 + HEIGHT / 2);
        let (to_x, to_y) = (to.0 + WIDTH, to.1 + HEIGHT / 3);
        let bend = x.max(to_x) + ACROSS;
        format!("M{x},{y} C{bend},{y} {bend},{to_y} {to_x},{to_y}")
    } else {
        let (low, high) = (y + DOWN / 2, to_y - DOWN / 2);
        format!("M{x},{y} C{x},{low} {to_x},{high} {to_x},{to_y}")
    };
    let _ = writeln!(out, "<path{class} d=\"{path}\" marker-end=\"url(#tip)\"/>");
}

fn node(out: &mut String, func: &Func, exported: bool, (x, y): (usize, usize)) {
    let known = |n: Option<u64>| n.map_or("not bounded".to_string(), grouped);
    let bound = &func.bound;
    let lines = match func.host {
        true => vec!["a function of the host".to_string()],
        false => vec![
            format!("fuel {}", known(bound.fuel)),
            format!(
                "gap {}, slots {}",
                known(bound.unchecked),
                known(bound.slots)
            ),
        ],
    };
    let kinds = [
        (func.host, "host"),
        (exported, "export"),
        (func.recursive, "recursive"),
    ];
    let kinds: Vec<&str> = kinds
        .iter()
        .filter(|(is, _)| *is)
        .map(|(_, kind)| *kind)
        .collect();
    let _ = writeln!(
        out,
        "<g class=\"{}\"><title>{}: {}\n{}</title><rect x=\"{x}\" y=\"{y}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
         rx=\"5\"/>",
        kinds.join(" "),
        escaped(&func.name),
        escaped(&func.ty),
        lines.join("\n"),
    );
    let mut base = y + 18;
    let mut line = |class: &str, text: &str| {
        let short = match text.chars().count() > LETTERS {
            true => text.chars().take(LETTERS - 1).chain(['…']).collect(),
            false => text.to_string(),
        };
        let _ = writeln!(
            out,
            "<text{class} x=\"{}\" y=\"{base}\">{}</text>",
            x + 8,
            escaped(&short)
        );
        base += 18;
    };
    line(" class=\"name\"", &func.name);
    lines.iter().for_each(|text| line("", text));
    out.push_str("</g>\n");
}

/// Text in XML, of characters that it may have.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
