//! One struct per table of the schema.

/// Declares a struct with the fields of the table of the same name. `Name(NameArgs)`: the second word is the name
/// that the generated code gives to the arguments of its constructor.
macro_rules! table {
    ($(
        $(#[$about:meta])*
        $name:ident($arguments:ident) {
            $($(#[$about_field:meta])* $field:ident: $type:ty,)*
        }
    )+) => {$(
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq, Eq, Default)]
        pub struct $name {
            $($(#[$about_field])* pub $field: $type,)*
        }

        impl $crate::wire::field::Table for $name {
            type View<'a> = $crate::wire::message::$name<'a>;

            // A table without fields has no use for what it is given.
            #[allow(unused_variables)]
            fn read(view: Self::View<'_>, source: &bytes::Bytes) -> Self {
                Self {
                    $($field: <$type as $crate::wire::field::Field>::read(view.$field(), source),)*
                }
            }

            fn write(
                &self,
                builder: &mut $crate::wire::field::Builder,
            ) -> flatbuffers::WIPOffset<Self::View<'static>> {
                #[allow(unused_imports)]
                use $crate::wire::field::Field;
                $(let $field = self.$field.prepare(builder);)*
                $crate::wire::message::$name::create(
                    builder,
                    &$crate::wire::message::$arguments {
                        $($field: <$type as Field>::argument(&$field),)*
                    },
                )
            }
        }
    )+};
}

pub(super) use table;
