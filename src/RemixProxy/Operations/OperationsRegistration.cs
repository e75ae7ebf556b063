using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using RemixProxy.Callers;
using RemixProxy.Operations.Submit;

namespace RemixProxy.Operations;

/// <summary>Registers the operations and their services.</summary>
internal static class OperationsRegistration
{
    public static IServiceCollection AddOperations(this IServiceCollection services)
    {
        services.TryAddSingleton<MemoryLinkKey>();
        services.TryAddSingleton<ILinkKey>(s => s.GetRequiredService<MemoryLinkKey>());
        services.TryAddSingleton<ContentLinks>();
        services.TryAddSingleton<VideoIdResolver>();
        services.TryAddSingleton<BodyBudget>();
        services.TryAddSingleton<ClipBudget>();
        services.TryAddSingleton<LateBytes>();
        services.TryAddSingleton<ContentSource>();
        services.TryAddSingleton<SourceVideos>();
        services.TryAddSingleton<SubmitSlots>();
        services.TryAddSingleton<SubmitCircuits>();
        services.TryAddSingleton<SubmitAdmission>();
        services.TryAddSingleton<LostSubmits>();
        services.TryAddSingleton<SubmitSender>();
        services.TryAddSingleton<AcceptedVideos>();
        services.TryAddEnumerable(
        [
            ServiceDescriptor.Singleton<IVideoOperation, SubmitOperation>(),
            ServiceDescriptor.Singleton<IVideoOperation, RetrieveOperation>(),
            ServiceDescriptor.Singleton<IVideoOperation, ListOperation>(),
            ServiceDescriptor.Singleton<IVideoOperation, DeleteOperation>(),
            ServiceDescriptor.Singleton<IVideoOperation, CancelOperation>(),
            ServiceDescriptor.Singleton<IVideoOperation, ContentOperation>(),
            ServiceDescriptor.Singleton<IVideoOperation, ModelsOperation>(),
        ]);
        return services;
    }
}
