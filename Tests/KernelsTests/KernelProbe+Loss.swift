import Kernels

extension KernelProbe {
  /// Rows that fill no whole register, and classes of all kinds.
  private static let rows = 37
  private static let classes = [2, 3, 17]

  static let lossProbes = [
    KernelProbe(kernel: "softmaxRows") { kernels, memory in
      for classes in classes {
        kernels.softmaxRows(
          memory.normal(rows * classes), rows: rows, classes: classes, into: memory.target(rows * classes))
      }
    },
    KernelProbe(kernel: "accumulateOverlap") { kernels, memory in
      for classes in classes {
        memory.observe(
          kernels.accumulateOverlap(
            memory.positive(rows * classes), targets: memory.classes(rows, below: classes), rows: rows,
            classes: classes, sums: memory.sums(3 * classes)))
      }
    },
    KernelProbe(kernel: "overlapGradient") { kernels, memory in
      for classes in classes {
        let count = rows * classes
        kernels.overlapGradient(
          memory.observed(memory.positive(count), count), targets: memory.classes(rows, below: classes),
          rows: rows, classes: classes, slope: memory.normal(classes), bonus: memory.normal(classes),
          weight: 0.25)
      }
    },
  ]
}
