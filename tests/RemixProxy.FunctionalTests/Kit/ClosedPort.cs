using System.Net;
using System.Net.Sockets;

namespace RemixProxy.FunctionalTests.Kit;

/// <summary>A loopback port on which no server listens. It is bound, so that no other process gets it.</summary>
internal sealed class ClosedPort : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public ClosedPort() => _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));

    public string Authority => _socket.LocalEndPoint!.ToString()!;

    public void Dispose() => _socket.Dispose();
}
