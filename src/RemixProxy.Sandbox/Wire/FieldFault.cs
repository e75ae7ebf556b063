namespace RemixProxy.Sandbox.Wire;

/// <summary>Kinds of mistakes in a request body.</summary>
internal enum FieldFault
{
    Missing,
    Type,
    Value,
    Unknown,
}
