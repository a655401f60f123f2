import Kernels

extension KernelProbe {
  static let productProbes = [
    KernelProbe(kernel: "multiply") { kernels, memory in
      for rows in [1, 3, 4, 7, 8, 13] {
        for columns in [1, 16, 19, 40] {
          for (segments, length) in [(1, 5), (3, 2)] {
            for isAdding in [false, true] {
              multiply(kernels, memory, (rows, columns, segments, length), isAdding: isAdding)
            }
          }
        }
      }
    }
  ]

  /// Left side as lines that overlap, right side in panels of 16.
  private static func multiply(
    _ kernels: any KernelSet.Type, _ memory: ProbeMemory,
    _ size: (rows: Int, columns: Int, segments: Int, length: Int), isAdding: Bool
  ) {
    let (rowStep, depthStep, cStride) = (3, 2, size.columns + 2)
    let count = strided(size.rows, 1, rowStep) + (size.length - 1) * depthStep
    let lines = (0..<size.segments).map { _ in UnsafePointer(memory.normal(count)) }
    let depth = size.segments * size.length
    let panels = (size.columns + 15) / 16
    kernels.multiply(
      Product(
        rows: size.rows, columns: size.columns, segments: UnsafePointer(memory.place(lines)),
        segmentCount: size.segments, length: size.length, rowStep: rowStep, depthStep: depthStep,
        b: memory.normal(panels * depth * 16), bPanelStep: depth * 16, bDepthStep: 16,
        c: memory.target(strided(size.rows, size.columns, cStride), isAdding: isAdding), cStride: cStride,
        isAdding: isAdding))
  }
}
