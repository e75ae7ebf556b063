using System.Text;

namespace RemixProxy.TestKit.Fuzzing;

/// <summary>Changes of good inputs to odd ones. Each draws from its own <see cref="Random"/> alone.</summary>
internal static class Mutation
{
    /// <summary>JSON values, and what only looks like one.</summary>
    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "-0", "-1", "1", "4.5", "100", "101", "-5", "1e999", "-1e999", "1e-999", "1e400", "99999999999999999999999999999",
        "9223372036854775808", "253402300800", "-62135596801", "1e15", "0.000000000000000000000000000000000000001", "[]", "{}", "[[]]", "{\"\":\"\"}",
        "[null]", "[{}]", "\"\"", "\" \"", "\"0\"", "\"NaN\"", "\"Infinity\"", "\"-1\"", "\"1e999\"", "\"100%\"", "\"8s\"", "\"true\"",
        "\"\\u0000\"", "\"a\\u0000b\"", "\"\\ud800\"", "\"\\udc00x\"", "\"é\\ud83d\\ude00\"", "\"\\ud83d\"", "\"\\u202e\"", "\"\\r\\nX-Odd: 1\"", "\"\\t\"",
        "\"\\ufeff\"", "\"..\"", "\".\"", "\"../../etc/passwd\"", "\"a/b?c#d\"", "\"a:b\"", "\"~\"", "\"~Li4\"", "\"%2e%2e%2f\"", "\"%00\"", "\"\\\\\"",
        "\"http://127.0.0.1/x\"", "\"https://cdn.example/a.mp4\"", "\"//cdn.example/x\"", "\"/x\"", "\"?x\"", "\"#\"", "\"https://\"", "\"https://[::1\"",
        "\"https://xn--/x\"", "\"https://user@cdn.example/\"", "\"javascript:alert(1)\"", "\"file:///etc/passwd\"", "\"x:y\"", "\"https://cdn.example:99999/\"",
        "\"data:\"", "\"data:,\"", "\"data:video/mp4;base64,\"", "\"data:video/mp4;base64,AAAA\"", "\"data:video/mp4;base64,!!\"", "\"data:;base64,AA==\"",
        "\"data:video/mp4;base64,AA\\u0041A\"", "\"DATA:image/png;base64,iVBORw0KGgo=\"", "\"data:é;base64,AAAA\"",
        "\"0001-01-01T00:00:00Z\"", "\"9999-12-31T23:59:59-14:00\"", "\"2026-13-45\"", "\"completed\"", "\"COMPLETED\"", "\"succeeded\"", "\"SUCCEEDED\"",
        "\"failed\"", "\"FAILED\"", "\"queued\"", "\"RUNNING\"", "\"in_progress\"", "\"no such word\"", "\"1280x720\"", "\"0x0\"", "\"99999x99999\"",
        "\"video\"", "\"video/mp4\"", "\"image/svg+xml\"", "\"text/html\"", "\"{\\\"a\\\":1}\"", "\"[1,\"", "\"<b>&amp;</b>\"", "\"''\"", "\"\\\"\"",
        "tru", "nul", "01", "+1", ".5", "NaN", "'a'", "\"\\x\"", "\"\\ud8\"", "\"", "[", "{", "{\"a\"}", "[1,]", "/**/1", "",
    ];

    private static readonly string[] Names =
    [
        "", "id", "status", "state", "error", "message", "code", "detail", "output", "url", "uri", "data", "name", "progress", "model", "prompt", "video",
        "seconds", "size", "type", "response", "result", "loc", "msg", "param", "\\ud800", "a.b", "a[b]", "\\u0000", "__proto__", "\\u0069d",
    ];

    private static readonly string[] Texts =
    [
        "\0", "\r\n", "\n", "\t", "\u007f", "\u0085", "\u2028", "\u202e", "\ufeff", "\ud800", "\udfff", "😀", "é", "e\u0301", "ß", "İ", "\uffff", "%", "%2F",
        "%00", "%", "..", "/", "\\", "\"", "'", ":", ";", ",", "=", "[", "]", "[]", "[0]", "{", "}", "~", "#", "?", "&", "<", "*", "-", "9", "999999999999",
        "http://127.0.0.1/", "data:image/png;base64,", "a.", "a-", "a_", "1.", "/a", "a:", "\\u0041", "redis:6379", "10.0.0.1", "/etc/passwd", " ", "",
    ];

    // Marks of encodings, and bytes that are no UTF-8.
    private static readonly byte[][] Pieces = [[0xEF, 0xBB, 0xBF], [0xFF, 0xFE], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0], [0x0D, 0x0A]];

    /// <summary>Changes a text here or there.</summary>
    public static string Text(Random random, string text)
    {
        var at = random.Next(text.Length + 1);
        var length = Math.Min(text.Length - at, random.Next(1, 9));
        return random.Next(8) switch
        {
            0 => text.Insert(at, random.GetItems(Texts, 1)[0]),
            1 => random.GetItems(Texts, 1)[0],
            2 => text.Remove(at, length),
            3 => text[..at],
            4 => text.Insert(at, text.Substring(at, length)),
            5 => text[..at] + string.Concat(Enumerable.Repeat(random.GetItems(Texts, 1)[0], random.Next(1, 400))) + text[at..],
            6 => text[..at] + (char)random.Next(char.MaxValue + 1) + text[at..],
            _ => string.Concat(text.AsSpan(0, at), random.GetItems(Texts, 1)[0], text.AsSpan(at + length)),
        };
    }

    /// <summary>Changes bytes here or there.</summary>
    public static byte[] Bytes(Random random, byte[] bytes)
    {
        if (bytes.Length == 0) return random.Next(2) == 0 ? bytes : [(byte)random.Next(256)];
        var at = random.Next(bytes.Length);
        var length = Math.Min(bytes.Length - at, random.Next(1, 17));
        switch (random.Next(7))
        {
            case 0:
                var flipped = bytes.ToArray();
                flipped[at] ^= (byte)(1 << random.Next(8));
                return flipped;
            case 1:
                return [.. bytes[..at], .. bytes[(at + length)..]];
            case 2:
                return bytes[..at];
            case 3:
                return [.. bytes[..at], .. bytes.AsSpan(at, length), .. bytes[at..]];
            case 4:
                var odd = new byte[length];
                random.NextBytes(odd);
                return [.. bytes[..at], .. odd, .. bytes[at..]];
            case 5:
                return [.. bytes[..at], .. Pieces[random.Next(Pieces.Length)], .. bytes[at..]];
            default:
                var other = random.Next(bytes.Length);
                return [.. bytes[..at], .. bytes[other..]];
        }
    }

    /// <summary>Changes JSON in its structure; what is no JSON, as text.</summary>
    public static string Json(Random random, string json) => Json(random, json, []);

    /// <summary>Changes JSON in its structure; what is no JSON, as text.</summary>
    /// <param name="random">Draws.</param>
    /// <param name="json">The JSON.</param>
    /// <param name="words">Texts that are put in beside the usual odd ones.</param>
    public static string Json(Random random, string json, IReadOnlyList<string> words)
    {
        if (JsonPiece.TryRead(json) is not { } root || random.Next(25) == 0) return Text(random, json);
        JsonPiece[] all = [.. root.All];
        var holder = all[random.Next(all.Length)];
        if (holder.Items.Count == 0)
        {
            if (holder == root || random.Next(4) == 0) return random.Next(3) == 0 ? Value(random, words).ToString() : json;
            holder = Array.Find(all, p => p.Items.Any(i => i.Value == holder))!;
        }

        var at = random.Next(holder.Items.Count);
        var (name, value) = holder.Items[at];
        switch (random.Next(10))
        {
            case 0 or 1 or 2:
                holder.Items[at] = new(name, Value(random, words));
                break;
            case 3:
                holder.Items.RemoveAt(at);
                break;
            case 4:
                holder.Items.Insert(random.Next(holder.Items.Count + 1), new(name, random.Next(2) == 0 ? value : Value(random, words)));
                break;
            case 5:
                holder.Items[at] = new(name, random.Next(2) == 0 ? JsonPiece.Array(value) : JsonPiece.Object(random.GetItems(Names, 1)[0], value));
                break;
            case 6:
                holder.Items[at] = new(name, JsonPiece.Raw(all[random.Next(all.Length)].ToString()));
                break;
            case 7:
                holder.Items.Add(new(random.GetItems(Names, 1)[0], Value(random, words)));
                break;
            case 8:
                holder.Items[at] = new(random.Next(2) == 0 ? random.GetItems(Names, 1)[0] : name.ToUpperInvariant(), value);
                break;
            default:
                var elements = Enumerable.Repeat(random.Next(2) == 0 ? value : Value(random, words), random.Next(2, 70));
                holder.Items[at] = new(name, JsonPiece.Array(elements));
                break;
        }

        return root.ToString();
    }

    private static JsonPiece Value(Random random, IReadOnlyList<string> words) => JsonPiece.Raw(random.Next(40) switch
    {
        0 => "\"" + new string('x', random.Next(60, 70_000)) + "\"",
        1 => new string('9', random.Next(20, 700)),
        2 => string.Concat(Enumerable.Repeat("[", random.Next(1, 100))) + string.Concat(Enumerable.Repeat("]", random.Next(1, 100))),
        3 => Nested(random.Next(2, 70)),
        4 => "\"" + string.Concat(Enumerable.Repeat("😀", random.Next(20, 400))) + "\"",
        5 => "\"x" + string.Concat(Enumerable.Repeat("😀", random.Next(20, 400))) + "\"",
        < 10 when words.Count > 0 => $"\"{words[random.Next(words.Count)]}\"",
        < 12 when words.Count > 0 => $"\"so it is: {words[random.Next(words.Count)]}, {words[random.Next(words.Count)]}\"",
        _ => Values[random.Next(Values.Length)],
    });

    private static string Nested(int depth)
    {
        var text = new StringBuilder();
        for (var i = 0; i < depth; i++) text.Append(i % 2 == 0 ? "{\"error\":" : "[");
        text.Append('1');
        for (var i = depth - 1; i >= 0; i--) text.Append(i % 2 == 0 ? '}' : ']');
        return text.ToString();
    }
}
