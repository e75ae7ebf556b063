namespace RemixProxy.Sandbox.Fields;

/// <summary>Kinds of mistakes in a request's body.</summary>
internal enum FieldFault
{
    /// <summary>A required field is absent.</summary>
    Missing,

    /// <summary>The value is of another type.</summary>
    Type,

    /// <summary>The value is outside what is allowed, or not allowed beside another.</summary>
    Value,

    /// <summary>The field is not listed.</summary>
    Unknown,

    /// <summary>The image or clip that the field names does not exist.</summary>
    NoSuchSource,

    /// <summary>The image or clip that the field names is not finished yet.</summary>
    SourceNotReady,

    /// <summary>The image or clip that the field names cannot be fetched or read.</summary>
    BadSource,
}
