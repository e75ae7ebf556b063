using System.Reflection;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using RemixProxy.Cache;
using RemixProxy.Jobs;
using RemixProxy.Jobs.Submissions;
using RemixProxy.Redis;
using StackExchange.Redis;

namespace RemixProxy.FunctionalTests.Kit;

/// <summary>All that stores hold, as text.</summary>
internal static class StoredText
{
    /// <summary>Names and values of the keys in Redis.</summary>
    public static async Task<string> InRedisAsync(string connectionString, string prefix = "")
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(connectionString);
        var (database, text) = (connection.GetDatabase(), new StringBuilder());
        await foreach (var key in connection.GetServers()[0].KeysAsync(pattern: prefix + "*"))
        {
            var type = await database.KeyTypeAsync(key);
            text.Append(key.ToString()).Append(' ').AppendLine(type.ToString());
            IEnumerable<RedisValue> values = type switch
            {
                RedisType.String => [await database.StringGetAsync(key)],
                RedisType.Hash => (await database.HashGetAllAsync(key)).SelectMany(e => new[] { e.Name, e.Value }),
                RedisType.SortedSet => await database.SortedSetRangeByRankAsync(key),
                RedisType.Set => await database.SetMembersAsync(key),
                RedisType.List => await database.ListRangeAsync(key),
                // A vector set: its name says enough.
                _ => [],
            };
            foreach (var value in values) text.AppendLine(Encoding.UTF8.GetString((byte[]?)value ?? []));
        }

        return text.ToString();
    }

    /// <summary>Every text that can be reached from the stores of a process, also from what it keeps for Redis.</summary>
    public static string InProcess(ProxyApp app)
    {
        var services = app.Services;
        var text = new StringBuilder();
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var todo = new Stack<object>(
        [
            services.GetRequiredService<IJobStore>(), services.GetRequiredService<ISubmissionStore>(), services.GetRequiredService<ICacheEntryStore>(),
            services.GetRequiredService<ISemanticIndex>(), services.GetRequiredService<RedisBacklog>(),
        ]);
        while (todo.TryPop(out var item))
        {
            if (item is string word) text.AppendLine(word);
            else if (item is byte[] bytes) text.AppendLine(Encoding.UTF8.GetString(bytes));
            else if (IsLookedInto(item) && seen.Add(item))
                foreach (var part in PartsOf(item)) todo.Push(part);
        }

        return text.ToString();
    }

    private static bool IsLookedInto(object item)
    {
        var (type, space) = (item.GetType(), item.GetType().Namespace ?? "");
        // Settings and the accounts that they make are no stores.
        return item is not (Delegate or Type or TimeProvider) && !type.IsPrimitive && !type.IsEnum
            && (type.IsArray || space == "System" || space.StartsWith("System.Collections", StringComparison.Ordinal)
                || (space.StartsWith("RemixProxy.", StringComparison.Ordinal) && !space.StartsWith("RemixProxy.Providers", StringComparison.Ordinal)));
    }

    private static IEnumerable<object> PartsOf(object item)
    {
        if (item is Array array) return array.GetType().GetElementType()!.IsPrimitive ? [] : array.OfType<object>();
        var parts = new List<object>();
        for (var type = item.GetType(); type is not null; type = type.BaseType)
            foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
                if (!field.FieldType.IsPointer && field.GetValue(item) is { } part) parts.Add(part);
        return parts;
    }
}
