//! Values as they cross the border dynamically: [`Val`] and its type, the two
//! kinds of references, and the inline list that `invoke` returns. Spec, 2.3
//! (types) and 4.2.1 (values).

use core::ops::Deref;

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ValType {
    /// 32-bit integer, of no sign.
    I32,
    /// 64-bit integer, of no sign.
    I64,
    /// Single-precision float.
    F32,
    /// Double-precision float.
    F64,
    /// Function reference or null.
    FuncRef,
    /// Host reference or null.
    ExternRef,
}

/// A value with its type. Floats compare as floats do: a NaN equals nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Val {
    /// See [`ValType::I32`].
    I32(i32),
    /// See [`ValType::I64`].
    I64(i64),
    /// See [`ValType::F32`].
    F32(f32),
    /// See [`ValType::F64`].
    F64(f64),
    /// See [`ValType::FuncRef`].
    FuncRef(FuncRef),
    /// See [`ValType::ExternRef`].
    ExternRef(ExternRef),
}

/// What tables hold. Each reference type has a null.
pub trait Ref: Copy + PartialEq {
    /// The null reference of this type.
    const NULL: Self;

    /// What fills places that nobody sees, so that they take no flash.
    #[doc(hidden)]
    const ZERO: Self;

    /// Whether this is the null reference: the instruction `ref.is_null`.
    fn is_null(self) -> bool;

    /// The reference of number `raw`, `u32::MAX` being null.
    #[doc(hidden)]
    fn from_raw(raw: u32) -> Self;

    /// Its number, `u32::MAX` for null.
    #[doc(hidden)]
    fn to_raw(self) -> u32;
}

/// States a reference type: a `u32` whose largest value is null.
macro_rules! reference {
    ($(#[$doc:meta])* $Name:ident, $val:ident, $new:literal, $index:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub struct $Name(u32);

        impl $Name {
            /// The null reference.
            pub const NULL: Self = Self(u32::MAX);

            #[doc = $new]
            #[inline(always)]
            pub const fn new(index: u32) -> Self {
                Self(index)
            }

            #[doc = $index]
            #[inline(always)]
            pub const fn index(self) -> Option<u32> {
                if self.0 == u32::MAX { None } else { Some(self.0) }
            }

            /// Whether this is the null reference.
            #[inline(always)]
            pub const fn is_null(self) -> bool {
                self.0 == u32::MAX
            }

            /// The index, or `u32::MAX` for null.
            #[doc(hidden)]
            #[inline(always)]
            pub const fn raw(self) -> u32 {
                self.0
            }
        }

        impl Default for $Name {
            fn default() -> Self {
                Self::NULL
            }
        }

        impl Ref for $Name {
            const NULL: Self = Self::NULL;
            const ZERO: Self = Self(0);

            #[inline(always)]
            fn is_null(self) -> bool {
                Self::is_null(self)
            }

            #[inline(always)]
            fn from_raw(raw: u32) -> Self {
                Self(raw)
            }

            #[inline(always)]
            fn to_raw(self) -> u32 {
                self.0
            }
        }
    };
}

reference!(
    /// A function of the linked set, by index, or null.
    FuncRef, FuncRef,
    "The function with this index; `u32::MAX` is null.",
    "The function's index, or `None` for null."
);
reference!(
    /// A handle of the host's choosing, or null. The guest can only pass it on.
    ExternRef, ExternRef,
    "The handle with this number; `u32::MAX` is null.",
    "The handle's number, or `None` for null."
);

/// One line per type: its accessor and its conversion into [`Val`].
macro_rules! conversions {
    ($($(#[$doc:meta])* $Val:ident $name:ident $T:ty;)*) => {
        impl Val {
            /// The value's type.
            pub const fn ty(self) -> ValType {
                match self {
                    $(Self::$Val(_) => ValType::$Val,)*
                }
            }

            $(
                $(#[$doc])*
                pub const fn $name(self) -> Option<$T> {
                    match self {
                        Self::$Val(v) => Some(v),
                        _ => None,
                    }
                }
            )*
        }

        $(
            impl From<$T> for Val {
                #[inline]
                fn from(v: $T) -> Self {
                    Self::$Val(v)
                }
            }
        )*
    };
}

conversions! {
    /// The value, if it is an `i32`.
    I32 i32 i32;
    /// The value, if it is an `i64`.
    I64 i64 i64;
    /// The value, if it is an `f32`.
    F32 f32 f32;
    /// The value, if it is an `f64`.
    F64 f64 f64;
    /// The value, if it is a function reference.
    FuncRef func_ref FuncRef;
    /// The value, if it is a host reference.
    ExternRef extern_ref ExternRef;
}

impl core::fmt::Display for ValType {
    /// The name in the text format.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::FuncRef => "funcref",
            Self::ExternRef => "externref",
        })
    }
}

impl ValType {
    /// The value that a local of this type starts with: zero or null.
    pub const fn zero(self) -> Val {
        match self {
            Self::I32 => Val::I32(0),
            Self::I64 => Val::I64(0),
            Self::F32 => Val::F32(0.0),
            Self::F64 => Val::F64(0.0),
            Self::FuncRef => Val::FuncRef(FuncRef::NULL),
            Self::ExternRef => Val::ExternRef(ExternRef::NULL),
        }
    }
}

/// The results of `invoke`, held inline: a slice of at most `N` values.
#[derive(Clone, Copy, Debug)]
pub struct Values<const N: usize> {
    vals: [Val; N],
    len: usize,
}

impl<const N: usize> Values<N> {
    /// No values.
    pub const fn new() -> Self {
        Self {
            vals: [Val::I32(0); N],
            len: 0,
        }
    }

    /// Adds a value at the end. One more than `N` is left out.
    pub fn push(&mut self, val: impl Into<Val>) {
        debug_assert!(
            self.len < N,
            "more results than a function of the module has"
        );
        if let Some(slot) = self.vals.get_mut(self.len) {
            *slot = val.into();
            self.len += 1;
        }
    }
}

impl<const N: usize> Default for Values<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> From<[Val; N]> for Values<N> {
    fn from(vals: [Val; N]) -> Self {
        Self { vals, len: N }
    }
}

impl<const N: usize> Deref for Values<N> {
    type Target = [Val];

    fn deref(&self) -> &[Val] {
        self.vals.get(..self.len).unwrap_or(&[])
    }
}

impl<const N: usize> PartialEq for Values<N> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_hold_what_was_pushed() {
        let mut values = Values::<3>::new();
        values.push(7);
        values.push(2.5f64);
        assert_eq!(&*values, [Val::I32(7), Val::F64(2.5)]);
        assert_eq!(*Values::from([Val::I64(1)]), [Val::I64(1)]);
    }

    #[test]
    fn accessors_and_nulls() {
        assert_eq!((Val::I32(1).i32(), Val::I32(1).i64()), (Some(1), None));
        assert_eq!(
            Val::from(FuncRef::new(3))
                .func_ref()
                .and_then(FuncRef::index),
            Some(3)
        );
        assert!(FuncRef::new(u32::MAX).is_null() && ExternRef::default().is_null());
        assert_eq!(ValType::ExternRef.zero().ty(), ValType::ExternRef);
    }
}
