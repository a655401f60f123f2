import Kernels

extension KernelProbe {
  static let poolProbes = [
    KernelProbe(kernel: "maxPool") { kernels, memory in
      eachPool { pool, windows in
        for isNormalized in [false, true] {
          let stride = pool.channels + 1
          kernels.maxPool(
            pool, source: source(memory, pool, isNormalized: isNormalized), lines: 0..<lines(pool),
            into: TensorWrite(
              base: memory.target(strided(2 * windows, pool.channels, stride)), stride: stride))
        }
      }
    },
    KernelProbe(kernel: "maxPoolGradient") { kernels, memory in
      eachPool { pool, windows in
        for isNormalized in [false, true] {
          for isAdding in [false, true] {
            let (stride, gradientStride) = (pool.channels + 3, pool.channels + 1)
            let target = memory.target(strided(2 * voxels(pool), pool.channels, stride), isAdding: isAdding)
            kernels.maxPoolGradient(
              pool, source: source(memory, pool, isNormalized: isNormalized), lines: 0..<lines(pool),
              gradient: memory.normal(strided(2 * windows, pool.channels, gradientStride)),
              gradientStride: gradientStride, into: TensorWrite(base: target, stride: stride),
              isAdding: isAdding, sums: isNormalized ? memory.sums(2 * pool.channels) : nil)
          }
        }
      }
    },
    KernelProbe(kernel: "averagePool") { kernels, memory in
      eachPool { pool, windows in
        for isNormalized in [false, true] {
          let stride = pool.channels + 1
          kernels.averagePool(
            pool, source: source(memory, pool, isNormalized: isNormalized), lines: 0..<lines(pool),
            into: TensorWrite(
              base: memory.target(strided(2 * windows, pool.channels, stride)), stride: stride))
        }
      }
    },
    KernelProbe(kernel: "averagePoolGradient") { kernels, memory in
      eachPool { pool, windows in
        for isAdding in [false, true] {
          let (stride, gradientStride) = (pool.channels + 3, pool.channels + 1)
          let target = memory.target(strided(2 * voxels(pool), pool.channels, stride), isAdding: isAdding)
          kernels.averagePoolGradient(
            pool, lines: 0..<lines(pool),
            gradient: memory.normal(strided(2 * windows, pool.channels, gradientStride)),
            gradientStride: gradientStride,
            into: TensorWrite(base: target, stride: stride, isAdding: isAdding))
        }
      }
    },
  ]

  /// Two samples; windows that divide their grid, as the network's do.
  private static func eachPool(_ body: (PoolBlock, Int) -> Void) {
    for channels in channels {
      body(PoolBlock(input: (1, 6, 10), window: (1, 2, 2), channels: channels), 15)
      body(PoolBlock(input: (2, 4, 9), window: (2, 2, 3), channels: channels), 6)
    }
  }

  private static func voxels(_ pool: PoolBlock) -> Int {
    pool.input.depth * pool.input.height * pool.input.width
  }

  /// Lines of the output, both samples.
  private static func lines(_ pool: PoolBlock) -> Int {
    2 * (pool.input.depth / pool.window.depth) * (pool.input.height / pool.window.height)
  }

  private static func source(_ memory: ProbeMemory, _ pool: PoolBlock, isNormalized: Bool) -> TensorRead {
    memory.read(
      voxels: 2 * voxels(pool), channels: pool.channels, stride: pool.channels + 2,
      isNormalized: isNormalized, samples: 2)
  }
}
