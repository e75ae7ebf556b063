using System.Diagnostics.CodeAnalysis;

namespace RemixProxy.Contract;

/// <summary>A value, or the error that stands in its place.</summary>
/// <typeparam name="T">The value's type.</typeparam>
internal readonly struct Result<T>
    where T : notnull
{
    private readonly T? _value;

    private Result(T? value, ApiError? error) => (_value, Error) = (value, error);

    /// <summary>The error; null where there is a value.</summary>
    public ApiError? Error { get; }

    public static implicit operator Result<T>(T value) => new(value, null);

    public static implicit operator Result<T>(ApiError error) => new(default, error);

    /// <summary>Takes it apart.</summary>
    /// <returns>True: there is a value. False: there is an error.</returns>
    public bool TryGet([NotNullWhen(true)] out T? value, [NotNullWhen(false)] out ApiError? error)
    {
        (value, error) = (_value, Error);
        return error is null;
    }
}
