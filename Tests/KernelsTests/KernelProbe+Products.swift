import Kernels

extension KernelProbe {
  static let productProbes = [
    KernelProbe(kernel: "multiply") { kernels, memory in
      for rows in [1, 3, 4, 7, 8, 13, 21] {
        for columns in [1, 4, 16, 19, 40] {
          for (segments, length) in [(1, 5), (3, 2)] {
            for start in Start.allCases {
              // One of the two steps is 1: rows along memory, or the depth.
              for (rowStep, depthStep) in [(3, 1), (1, rows + 2)] {
                multiply(
                  kernels, memory,
                  Size(
                    rows: rows, columns: columns, segments: segments, length: length, rowStep: rowStep,
                    depthStep: depthStep), start)
              }
            }
          }
        }
      }
    },
    KernelProbe(kernel: "packPanel") { kernels, memory in
      for rows in [1, 5, 16] {
        for depth in [1, 16, 19, 40] {
          let rowStep = depth + 3
          kernels.packPanel(
            memory.normal(strided(rows, depth, rowStep)), rowStep: rowStep, rows: rows, depth: depth,
            into: memory.target(depth * 16))
        }
      }
    },
  ]

  /// What sums begin with.
  private enum Start: CaseIterable { case zero, bias, target }

  private struct Size {
    let rows, columns, segments, length, rowStep, depthStep: Int
  }

  /// Left side as lines that overlap, right side in panels of 16.
  private static func multiply(
    _ kernels: any KernelSet.Type, _ memory: ProbeMemory, _ size: Size, _ start: Start
  ) {
    let cStride = size.columns + 2
    let count = strided(size.rows, 1, size.rowStep) + (size.length - 1) * size.depthStep
    let lines = (0..<size.segments).map { _ in UnsafePointer(memory.normal(count)) }
    let depth = size.segments * size.length
    let panels = (size.columns + 15) / 16
    kernels.multiply(
      Product(
        rows: size.rows, columns: size.columns, segments: UnsafePointer(memory.place(lines)),
        segmentCount: size.segments, length: size.length, rowStep: size.rowStep, depthStep: size.depthStep,
        b: memory.normal(panels * depth * 16), bPanelStep: depth * 16, bDepthStep: 16,
        c: memory.target(strided(size.rows, size.columns, cStride), isAdding: start == .target),
        cStride: cStride, isAdding: start == .target,
        bias: start == .bias ? UnsafePointer(memory.normal(size.columns)) : nil))
  }
}
