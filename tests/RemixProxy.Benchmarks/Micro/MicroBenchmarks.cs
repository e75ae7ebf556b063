using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace RemixProxy.Benchmarks.Micro;

/// <summary>The parts of a request, each by itself.</summary>
internal static class MicroBenchmarks
{
    /// <param name="args">BenchmarkDotNet's own.</param>
    public static int Run(string[] args)
    {
        // In this process: a project that it would make for each benchmark has neither our packages nor our rules.
        var config = DefaultConfig.Instance.AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance)).WithArtifactsPath(
            Path.Combine(Path.GetTempPath(), "remixproxy-benchmarks"));
        var all = new BenchmarkSwitcher(
            [
                typeof(IdBenchmarks), typeof(BodyBenchmarks), typeof(AdapterBenchmarks), typeof(JobBenchmarks), typeof(PromptBenchmarks),
                typeof(VectorBenchmarks),
            ]);
        _ = args.Length > 0 ? all.Run(args, config) : all.RunAll(config);
        return 0;
    }
}
