import Kernels

extension KernelProbe {
  /// More rows than are summed in single precision at a time.
  private static let rows = 71

  static let normalizationProbes = [
    KernelProbe(kernel: "accumulateMoments") { kernels, memory in
      for channels in channels {
        let x = memory.read(
          voxels: rows, channels: channels, stride: channels + 2, isNormalized: false)
        kernels.accumulateMoments(
          x.base, stride: x.stride, rows: rows, channels: channels, sums: memory.sums(2 * channels))
      }
    },
    KernelProbe(kernel: "accumulateNormGradient") { kernels, memory in
      for channels in channels {
        let x = memory.read(
          voxels: rows, channels: channels, stride: channels + 2, isNormalized: false)
        kernels.accumulateNormGradient(
          x.base, stride: x.stride, gradient: memory.normal(strided(rows, channels, channels + 1)),
          gradientStride: channels + 1, rows: rows, channels: channels, norm: memory.norm(channels).terms,
          sums: memory.sums(2 * channels))
      }
    },
    KernelProbe(kernel: "normInputGradient") { kernels, memory in
      for channels in channels {
        let x = memory.read(
          voxels: rows, channels: channels, stride: channels + 2, isNormalized: false)
        let count = strided(rows, channels, channels + 1)
        kernels.normInputGradient(
          x.base, stride: x.stride, gradient: memory.observed(memory.normal(count), count),
          gradientStride: channels + 1, rows: rows, channels: channels, norm: memory.norm(channels).terms)
      }
    },
    KernelProbe(kernel: "addRows") { kernels, memory in
      for channels in channels {
        for (isFirst, isSecond) in [(false, false), (true, false), (true, true)] {
          let a = memory.read(
            voxels: rows, channels: channels, stride: channels + 2, isNormalized: isFirst)
          let b = memory.read(
            voxels: rows, channels: channels, stride: channels + 3, isNormalized: isSecond)
          kernels.addRows(
            a, b, rows: rows, channels: channels,
            into: memory.target(strided(rows, channels, channels + 1)), targetStride: channels + 1)
        }
        // In place of one of them.
        let count = strided(rows, channels, channels + 1)
        let sum = memory.observed(memory.normal(count), count)
        kernels.addRows(
          TensorRead(base: sum, stride: channels + 1),
          memory.read(voxels: rows, channels: channels, stride: channels + 2, isNormalized: false),
          rows: rows,
          channels: channels, into: sum, targetStride: channels + 1)
      }
    },
    KernelProbe(kernel: "addBias") { kernels, memory in
      for channels in channels {
        let count = strided(rows, channels, channels + 1)
        kernels.addBias(
          memory.observed(memory.normal(count), count), stride: channels + 1, rows: rows, channels: channels,
          bias: memory.normal(channels))
      }
    },
    KernelProbe(kernel: "accumulateRows") { kernels, memory in
      for channels in channels {
        kernels.accumulateRows(
          memory.normal(strided(rows, channels, channels + 1)), stride: channels + 1, rows: rows,
          channels: channels, sums: memory.sums(channels))
      }
    },
  ]
}
