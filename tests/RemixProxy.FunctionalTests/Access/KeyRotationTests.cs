using RemixProxy.FunctionalTests.Kit;
using RemixProxy.FunctionalTests.Redis;
using static RemixProxy.FunctionalTests.Access.ClientTests;
using static RemixProxy.FunctionalTests.Kit.Calls;

namespace RemixProxy.FunctionalTests.Access;

/// <summary>Keys that come and go while two replicas are under load.</summary>
public sealed class KeyRotationTests
{
    private const string Model = TwoReplicas.Model;
    private const int Rotations = 12;
    private const string AddedKey = "added-key-of-ann-01234";

    [Fact]
    public async Task No_valid_key_is_refused_in_a_rotation_and_a_revoked_one_is_at_once()
    {
        await using var replicas = await TwoReplicas.StartWithAsync(Settings());
        var id = (await replicas.CreateAsync("A boat", As(AnnsKey))).Id;
        using var stop = new CancellationTokenSource();
        var present = AnnsKey;
        var rounds = new int[4];
        var load = new[] { replicas.First, replicas.Second, replicas.First, replicas.Second }.Select((app, worker) => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                var key = Volatile.Read(ref present);
                foreach (var path in new[] { "v1/videos/" + id, "v1/videos" }) Assert.Equal(200, (await app.CallAsync("GET", path, null, As(key))).Status);
                Interlocked.Increment(ref rounds[worker]);
            }
        })).ToArray();
        for (var i = 0; i < Rotations; i++)
        {
            var (old, next) = (present, $"rotated-key-of-ann-{i:000}");
            // Both keys hold, then everybody changes to the new one, then the old one goes. The replicas are never changed at one moment.
            foreach (var settings in Both(replicas)) settings.Replace(("Clients:0:Keys:0", old), ("Clients:0:Keys:1", next));
            Volatile.Write(ref present, next);
            // Once each has begun a round since, nobody uses the old key.
            var seen = rounds.ToArray();
            while (!rounds.Zip(seen, (now, then) => now > then).All(isNew => isNew) && !load.Any(l => l.IsCompleted))
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, TestContext.Current.CancellationToken);
            foreach (var (settings, app) in Both(replicas).Zip([replicas.First, replicas.Second]))
            {
                settings.Replace(("Clients:0:Keys:0", next));
                (await app.CallAsync("GET", "v1/videos/" + id, null, As(old))).AssertError(401, "invalid_api_key");
            }
        }

        await stop.CancelAsync();
        await Task.WhenAll(load);
        Assert.All(rounds, r => Assert.True(r >= Rotations, $"{r} rounds"));
        Assert.All(new[] { replicas.First, replicas.Second }, app =>
            Assert.DoesNotContain(app.Log, l => l.Contains("rotated-key", StringComparison.Ordinal) || l.Contains(AnnsKey, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_submit_whose_key_is_revoked_on_its_way_ends_and_its_video_is_the_clients(bool isClientGone)
    {
        await using var replicas = await TwoReplicas.StartWithAsync(Settings());
        var gate = new Gate();
        replicas.Upstream.OnSubmit("openai", gate.HoldAsync);
        var submit = replicas.First.CreateAsync(Model, "A boat", ("Idempotency-Key", "k"), As(AnnsKey));
        await gate.Arrived;
        foreach (var settings in Both(replicas))
            settings.Replace(
            isClientGone ? ("Clients:0:Name", "somebody-else") : ("Clients:0:Keys:0", "second-key-of-ann-0123"), ("Clients:0:Keys:1", AddedKey));
        // Nobody gets in with it any more, not even with the same request.
        var stranger = As(isClientGone ? AnnsKey : AddedKey);
        if (!isClientGone)
            (await replicas.Second.CreateAsync(Model, "A boat", ("Idempotency-Key", "k"), As(AnnsKey))).AssertError(401, "invalid_api_key");
        gate.Open();
        var made = await submit;
        Assert.Equal(200, made.Status);
        replicas.Upstream.Heal();

        // The name owns the video: a new key finds it, and a new name doesn't.
        var found = await replicas.Second.CallAsync("GET", "v1/videos/" + made.Id, null, stranger);
        Assert.Equal(isClientGone ? 404 : 200, found.Status);
        if (!isClientGone) Assert.Equal(made.Id, (await replicas.Second.CreateAsync(Model, "A boat", ("Idempotency-Key", "k"), As(AddedKey))).Id);
        foreach (var settings in Both(replicas)) settings.Replace();
        Assert.Equal(200, (await replicas.Second.CallAsync("GET", "v1/videos/" + made.Id, null, As(AnnsKey))).Status);
        Assert.Equal(1, replicas.Submits);
    }

    private static ChangeableSettings[] Both(TwoReplicas replicas) => [replicas.Changeable.First, replicas.Changeable.Second];
}
