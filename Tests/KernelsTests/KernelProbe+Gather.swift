import Kernels

extension KernelProbe {
  static let gatherProbes = [
    KernelProbe(kernel: "padLine") { kernels, memory in
      let (width, before, after) = (5, 2, 1)
      for channels in channels {
        for stride in [channels, channels + 3] {
          for isNormalized in [false, true] {
            let line = memory.read(
              voxels: width, channels: channels, stride: stride, isNormalized: isNormalized)
            kernels.padLine(
              line.base, stride: stride, width: width, channels: channels, norm: line.norm, before: before,
              after: after, into: memory.target((before + width + after) * channels))
          }
        }
        kernels.padLine(
          nil, stride: channels, width: width, channels: channels, norm: nil, before: before, after: after,
          into: memory.target((before + width + after) * channels))
      }
    },
    KernelProbe(kernel: "gatherRows") { kernels, memory in
      for channels in channels {
        for isNormalized in [false, true] { gather(kernels, memory, channels, isNormalized: isNormalized) }
      }
    },
    KernelProbe(kernel: "scatterRows") { kernels, memory in
      eachScatter { scatter, target in
        for isAdding in [false, true] {
          kernels.scatterRows(
            memory.normal(strided(rows, scatter.channels, scatter.rowStride)), scatter: scatter, first: 0,
            count: rows, isAdding: isAdding, into: memory.target(target, isAdding: isAdding))
        }
      }
    },
    KernelProbe(kernel: "readRows") { kernels, memory in
      for channels in channels {
        for isNormalized in [false, true] {
          let source = memory.read(
            voxels: 7, channels: channels, stride: channels + 2, isNormalized: isNormalized)
          kernels.readRows(
            source.base, stride: source.stride, rows: 7, channels: channels, norm: source.norm,
            into: memory.target(strided(7, channels, channels + 5)), targetStride: channels + 5)
        }
      }
    },
  ]

  /// Rows of two samples of a 2×2×3 grid that stand for every second voxel of 3×4×6, phase 1 on the last axes.
  private static let rows = 2 * 2 * 2 * 3

  private static func eachScatter(_ body: (ScatterGrid, Int) -> Void) {
    for channels in channels {
      let stride = channels + 2
      let scatter = ScatterGrid(
        positions: (2, 2, 3), target: (3, 4, 6), step: (2, 2, 2), phase: (0, 1, 1), channels: channels,
        rowStride: channels + 1, targetStride: stride)
      body(scatter, strided(2 * 3 * 4 * 6, channels, stride))
    }
  }

  /// A 3×3×3 kernel with stride 2 and padding 1 over two samples, in two calls that meet within a line.
  private static func gather(
    _ kernels: any KernelSet.Type, _ memory: ProbeMemory, _ channels: Int, isNormalized: Bool
  ) {
    let grid = GatherGrid(positions: (2, 3, 4), source: (3, 5, 7), channels: channels, step: (2, 2, 2))
    let runs = (0..<9).map { TapRun(depth: $0 / 3 - 1, height: $0 % 3 - 1, width: -1, length: 3) }
    let source = memory.read(
      voxels: 2 * 3 * 5 * 7, channels: channels, stride: channels + 2, isNormalized: isNormalized, samples: 2)
    let rowLength = 27 * channels
    for (first, count) in [(0, 14), (14, 34)] {
      kernels.gatherRows(
        grid, runs: memory.place(runs), runCount: runs.count, rowLength: rowLength, source: source,
        first: first, count: count, into: memory.target(count * rowLength))
    }
  }
}
