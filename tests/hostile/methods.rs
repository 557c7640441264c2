//! Exports named like what an instance has anyway.

use wrt_compiler::{Options, Storage, compile};

/// The methods of `Instance` in what `module` becomes.
fn methods(module: &str, options: &Options) -> Vec<String> {
    let output = compile(module.as_bytes(), options).expect("valid");
    let text = std::str::from_utf8(&output.files[0].contents).expect("UTF-8");
    let file = syn::parse_file(text).expect("Rust");
    let of_instance = |item: &syn::Item| match item {
        syn::Item::Impl(item) if item.trait_.is_none() => match &*item.self_ty {
            syn::Type::Path(path) if path.path.segments[0].ident == "Instance" => {
                Some(item.items.clone())
            }
            _ => None,
        },
        _ => None,
    };
    let items = file.items.iter().filter_map(of_instance).flatten();
    let names = items.filter_map(|item| match item {
        syn::ImplItem::Fn(method) => Some(method.sig.ident.to_string()),
        _ => None,
    });
    names.collect()
}

/// An export named like a method that every instance has gets another name.
#[test]
fn exports_hide_no_methods() {
    for storage in [Storage::Growable, Storage::Fixed, Storage::Lent] {
        let mut options = Options::default();
        options.storage = storage;
        options.verification = true;
        let module = |exports| format!("(module (import \"m\" \"f\" (func)) (memory 1) {exports})");
        let own = methods(&module(String::new()), &options);
        let exports: String = own
            .iter()
            .map(|name| format!("(func (export \"{name}\"))"))
            .collect();
        let all = methods(&module(exports), &options);
        assert_eq!(all.len(), 2 * own.len(), "{storage:?}");
        let mut distinct = all.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!(distinct.len(), all.len(), "{storage:?}: {all:?}");
    }
}
