using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using RemixProxy.Jobs.Submissions;

namespace RemixProxy.Jobs;

/// <summary>Registers jobs and submissions. They are kept in this process, unless another store was registered before.</summary>
internal static class JobsRegistration
{
    public static IServiceCollection AddJobs(this IServiceCollection services)
    {
        services.TryAddSingleton<SubmissionLedger>();
        services.TryAddSingleton<MemoryJobStore>();
        services.TryAddSingleton<IJobStore>(s => s.GetRequiredService<MemoryJobStore>());
        services.TryAddSingleton<MemorySubmissionStore>();
        services.TryAddSingleton<ISubmissionStore>(s => s.GetRequiredService<MemorySubmissionStore>());
        services.TryAddSingleton<JobEnds>();
        services.TryAddSingleton<JobRecords>();
        services.TryAddSingleton<JobPolls>();
        return services;
    }
}
