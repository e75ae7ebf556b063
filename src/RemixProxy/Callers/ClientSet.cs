using System.Security.Cryptography;
using System.Text;

namespace RemixProxy.Callers;

/// <summary>The configured clients, found by their keys. The keys themselves are not kept, only their SHA-256.</summary>
internal sealed class ClientSet
{
    public const int LeastKey = 20;

    private const int LongestName = 64;

    private readonly List<(byte[] Hash, Client Client)> _keys = [];

    private ClientSet(IReadOnlyList<Client> clients) => Clients = clients;

    /// <summary>No clients: the proxy is open.</summary>
    public static ClientSet None { get; } = new([]);

    /// <summary>The clients; none means that the proxy is open.</summary>
    public IReadOnlyList<Client> Clients { get; }

    public bool IsOpen => Clients.Count == 0;

    /// <summary>The client of that name; null where there is none.</summary>
    public Client? FindName(string name) => Clients.FirstOrDefault(c => c.Name == name);

    /// <summary>
    /// The client of a key; null where it is nobody's. Every stored hash is compared whole, so the time does not tell how far a guess was right.
    /// </summary>
    public Client? Find(string key)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(key));
        Client? found = null;
        foreach (var (known, client) in _keys)
        {
            if (CryptographicOperations.FixedTimeEquals(known, hash)) found = client;
        }

        return found;
    }

    /// <summary>Builds the set, and adds each fault of the configuration to <paramref name="errors"/>. No message has a key.</summary>
    public static ClientSet Build(IList<ClientOptions> options, List<string> errors)
    {
        var set = new ClientSet([.. options.Where(o => o.Name is not null).Select(o => new Client(o))]);
        for (var i = 0; i < options.Count; i++)
        {
            var (client, path) = (options[i], Invariant($"RemixProxy:Clients:{i}"));
            if (client.Name is not { } name)
            {
                errors.Add($"{path}:Name is missing.");
                continue;
            }

            if (name.Length > LongestName) errors.Add($"{path}:Name must be at most {LongestName} characters long.");
            if (options.Take(i).Any(o => o.Name == name)) errors.Add($"{path}:Name {name} is given twice.");
            if (client.Keys.Count + client.KeysSha256.Count == 0) errors.Add($"{path} needs a key in Keys or KeysSha256.");
            foreach (var key in client.Keys)
            {
                if (key.Length < LeastKey || key.AsSpan().ContainsAnyExceptInRange('!', '~'))
                    errors.Add($"{path}:Keys must be at least {LeastKey} visible ASCII characters each, without spaces.");
                set.Add(SHA256.HashData(Encoding.UTF8.GetBytes(key)), name, path, errors);
            }

            foreach (var text in client.KeysSha256)
            {
                if (text.Length == 2 * SHA256.HashSizeInBytes && text.All(char.IsAsciiHexDigit)) set.Add(Convert.FromHexString(text), name, path, errors);
                else errors.Add($"{path}:KeysSha256 must be the SHA-256 of a key as 64 hexadecimal digits each.");
            }
        }

        return set;
    }

    private void Add(byte[] hash, string name, string path, List<string> errors)
    {
        if (_keys.Any(k => k.Hash.AsSpan().SequenceEqual(hash) && k.Client.Name != name)) errors.Add($"{path} has a key of another client.");
        else if (FindName(name) is { } client) _keys.Add((hash, client));
    }
}
