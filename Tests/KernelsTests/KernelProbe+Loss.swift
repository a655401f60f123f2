import Kernels

extension KernelProbe {
  /// Rows that fill no whole register, and classes of all kinds.
  private static let rows = 37
  private static let classes = [2, 3, 4, 17]
  /// With the register that they fill in part, and beyond the rows that are summed at once.
  private static let regions = [(37, 1), (37, 3), (16, 5), (530, 2), (3, 17)]

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
            classes: classes, weights: memory.positive(classes), sums: memory.sums(3 * classes)))
      }
    },
    KernelProbe(kernel: "overlapGradient") { kernels, memory in
      for classes in classes {
        let count = rows * classes
        kernels.overlapGradient(
          memory.observed(memory.positive(count), count), targets: memory.classes(rows, below: classes),
          rows: rows, classes: classes, slope: memory.normal(classes), bonus: memory.normal(classes),
          weights: memory.positive(classes), weight: 0.25)
      }
    },
    KernelProbe(kernel: "accumulateRegions") { kernels, memory in
      for (rows, regions) in regions {
        memory.observe(
          kernels.accumulateRegions(
            memory.normal(rows * regions), targets: memory.classes(rows, below: 5), rows: rows,
            regions: regions, membership: memory.membership(5, regions), weights: memory.positive(regions),
            into: memory.target(rows * regions), sums: memory.sums(3 * regions)))
      }
    },
    KernelProbe(kernel: "regionGradient") { kernels, memory in
      for (rows, regions) in regions {
        let count = rows * regions
        kernels.regionGradient(
          memory.observed(memory.positive(count), count), targets: memory.classes(rows, below: 5), rows: rows,
          regions: regions, membership: memory.membership(5, regions), slope: memory.normal(regions),
          bonus: memory.normal(regions), weights: memory.positive(regions), weight: 0.25)
      }
    },
  ]
}

extension ProbeMemory {
  /// `(class, region)`, 1 or 0.
  fileprivate func membership(_ classes: Int, _ regions: Int) -> UnsafeMutablePointer<Float> {
    place((0..<classes * regions).map { Float($0 * 7 % 3 % 2) })
  }
}
