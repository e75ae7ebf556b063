using System.Numerics.Tensors;

namespace RemixProxy.Tests.Cache;

/// <summary>Vectors of unit length for tests.</summary>
internal static class UnitVectors
{
    public static float[] Next(Random random, int dimensions)
    {
        var vector = new float[dimensions];
        for (var i = 0; i < dimensions; i++) vector[i] = (float)((random.NextDouble() * 2) - 1);
        return Unit(vector);
    }

    public static float[] Unit(params float[] vector)
    {
        TensorPrimitives.Divide(vector, TensorPrimitives.Norm<float>(vector), vector);
        return vector;
    }
}
