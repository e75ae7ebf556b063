using System.Security.Cryptography;
using System.Text;

namespace RemixProxy.FunctionalTests.Redis;

/// <summary>A command on its way to Redis.</summary>
internal sealed record RedisCommand(IReadOnlyList<string> Words)
{
    public bool Is(string name) => Words[0].Equals(name, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether it runs that script, by its text or by its name.</summary>
    public bool Runs(string script) =>
        (Is("EVAL") && Words[1] == script) || (Is("EVALSHA") && Words[1].Equals(Hash(script), StringComparison.OrdinalIgnoreCase));

    /// <summary>An <c>ARGV</c> of a script, from 1 on.</summary>
    public string Argument(int number) => Words["EVALSHA sha keys".Split(' ').Length + int.Parse(Words[2]) + number - 1];

    // The name that Redis itself gives to a script.
#pragma warning disable CA5350
    private static string Hash(string script) => Convert.ToHexString(SHA1.HashData(Encoding.UTF8.GetBytes(script)));
#pragma warning restore CA5350
}
