//! Arguments and expected results, as words of `check`.

use wast::core::{AbstractHeapType, HeapType, NanPattern, WastArgCore, WastRetCore};
use wast::{WastArg, WastRet};

pub(crate) fn argument(arg: &WastArg<'_>) -> Result<String, String> {
    let WastArg::Core(arg) = arg else {
        return Err("an argument of a component".to_string());
    };
    Ok(match arg {
        WastArgCore::I32(v) => format!("i32:{v:x}"),
        WastArgCore::I64(v) => format!("i64:{v:x}"),
        WastArgCore::F32(v) => format!("f32:{:x}", v.bits),
        WastArgCore::F64(v) => format!("f64:{:x}", v.bits),
        WastArgCore::RefNull(ty) if is_extern(ty) => "extern:null".to_string(),
        WastArgCore::RefNull(_) => "func:null".to_string(),
        WastArgCore::RefExtern(n) => format!("extern:{n:x}"),
        WastArgCore::V128(_) => return Err("unsupported: simd".to_string()),
        other => return Err(format!("an argument that is not built: {other:?}")),
    })
}

pub(crate) fn expected(result: &WastRet<'_>) -> Result<String, String> {
    let WastRet::Core(result) = result else {
        return Err("a result of a component".to_string());
    };
    Ok(match result {
        WastRetCore::I32(v) => format!("i32:{v:x}"),
        WastRetCore::I64(v) => format!("i64:{v:x}"),
        WastRetCore::F32(NanPattern::Value(v)) => format!("f32:{:x}", v.bits),
        WastRetCore::F64(NanPattern::Value(v)) => format!("f64:{:x}", v.bits),
        WastRetCore::F32(NanPattern::CanonicalNan) => "f32:canonical".to_string(),
        WastRetCore::F64(NanPattern::CanonicalNan) => "f64:canonical".to_string(),
        WastRetCore::F32(NanPattern::ArithmeticNan) => "f32:arithmetic".to_string(),
        WastRetCore::F64(NanPattern::ArithmeticNan) => "f64:arithmetic".to_string(),
        WastRetCore::RefNull(None) => "ref:null".to_string(),
        WastRetCore::RefNull(Some(ty)) if is_extern(ty) => "extern:null".to_string(),
        WastRetCore::RefNull(Some(_)) => "func:null".to_string(),
        WastRetCore::RefExtern(None) => "extern:any".to_string(),
        WastRetCore::RefExtern(Some(n)) => format!("extern:{n:x}"),
        WastRetCore::RefFunc(_) => "func:any".to_string(),
        WastRetCore::V128(_) => return Err("unsupported: simd".to_string()),
        other => return Err(format!("a result that is not built: {other:?}")),
    })
}

fn is_extern(ty: &HeapType<'_>) -> bool {
    matches!(
        ty,
        HeapType::Abstract {
            ty: AbstractHeapType::Extern,
            ..
        }
    )
}
