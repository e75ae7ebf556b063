using Microsoft.Extensions.Configuration;

namespace RemixProxy.Configuration;

/// <summary>The configuration that was handed to <c>AddRemixProxy</c>. The application may have others.</summary>
/// <param name="Root">Has the section <c>RemixProxy</c> and the providers' conventional key variables.</param>
internal sealed record RemixProxyConfiguration(IConfiguration Root);
