import Foundations

/// Approximates values at scattered places by a cubic B-spline of one lattice's shape (Lee, Wolberg & Shin 1997).
///
/// Each sample asks of the 64 control points around it what would alone explain it at the least sum of squares; a
/// control point takes the mean of what it is asked, by squared weights. On a grid all of it comes apart into axes.
package struct SplineFit: Sendable {
  private let samples: BiasSamples
  private let axes: [SplineAxis]
  /// For each axis and place: the weights' cubes over the sum of their squares.
  private let demands: [[SIMD4<Double>]]
  /// The sum of squared weights with which samples reach each control point.
  private let reach: [Double]
  private let points: SIMD3<Int>

  package init(_ samples: BiasSamples, points: SIMD3<Int>, loop: ParallelLoop) {
    self.samples = samples
    self.points = points
    axes = (0..<3).map {
      SplineAxis(points: points[$0], length: samples.size[$0], samples: samples.kept[$0])
    }
    demands = axes.map { axis in axis.weights.map { $0 * $0 * $0 / ($0 * $0).sum() } }
    reach = Self.gather(
      [Float](repeating: 1, count: samples.count), samples, axes,
      weights: axes.map { axis in axis.weights.map { $0 * $0 } }, loop: loop)
  }

  /// The lattice that approximates `values`, one for each sample.
  package func lattice(of values: [Float], loop: ParallelLoop) -> SplineLattice {
    let sums = Self.gather(values, samples, axes, weights: demands, loop: loop)
    // A control point that no sample reaches stays at 0, as in ITK.
    return SplineLattice(points: points, values: zip(sums, reach).map { $1 > 0 ? $0 / $1 : 0 })
  }

  /// The field of `lattice` at each sample.
  package func values(of lattice: SplineLattice, loop: ParallelLoop) -> [Float] {
    precondition(lattice.points == points, "a lattice of this fit's shape")
    let rowsInSlice = samples.kept[1].count
    let (places, weights) = (axes[0].first, axes[0].weights)
    return [Float](unsafeUninitializedCapacity: samples.count) { output, initialized in
      // Safe: each piece writes its own slice's samples.
      nonisolated(unsafe) let output = output.baseAddress!
      loop.forEach(samples.slices) { k, _ in
        if samples.slice(k).isEmpty { return }
        var section = SplineSection(lattice, axes[2], at: k)
        for j in 0..<rowsInSlice {
          let row = samples.rows[k * rowsInSlice + j]..<samples.rows[k * rowsInSlice + j + 1]
          if row.isEmpty { continue }
          section.cut(axes[1], at: j)
          section.line.withUnsafeBufferPointer { line in
            for sample in row {
              let column = samples.columns[sample]
              let (first, w) = (places[column], weights[column])
              let value =
                w.x * line[first] + w.y * line[first + 1] + (w.z * line[first + 2] + w.w * line[first + 3])
              (output + sample).initialize(to: Float(value))
            }
          }
        }
      }
      initialized = samples.count
    }
  }

  /// For each control point the sum over samples of value × the product of the three axes' weights.
  private static func gather(
    _ values: [Float], _ samples: BiasSamples, _ axes: [SplineAxis], weights: [[SIMD4<Double>]],
    loop: ParallelLoop
  ) -> [Double] {
    let (nx, ny) = (axes[0].points, axes[1].points)
    var planes = [Double](repeating: 0, count: nx * ny * samples.slices)
    planes.withUnsafeMutableBufferPointer { planes in
      // Safe: each piece writes its own plane.
      nonisolated(unsafe) let planes = planes.baseAddress!
      loop.forEach(samples.slices) { k, _ in
        gatherSlice(k, values, samples, axes, weights: weights, into: planes + k * nx * ny)
      }
    }
    var sums = [Double](repeating: 0, count: nx * ny * axes[2].points)
    for k in 0..<samples.slices {
      for c in 0..<4 {
        let (weight, to) = (weights[2][k][c], (axes[2].first[k] + c) * nx * ny)
        for index in 0..<nx * ny { sums[to + index] += weight * planes[k * nx * ny + index] }
      }
    }
    return sums
  }

  private static func gatherSlice(
    _ k: Int, _ values: [Float], _ samples: BiasSamples, _ axes: [SplineAxis], weights: [[SIMD4<Double>]],
    into plane: UnsafeMutablePointer<Double>
  ) {
    let (nx, rowsInSlice) = (axes[0].points, samples.kept[1].count)
    let (places, alongX) = (axes[0].first, weights[0])
    var line = [Double](repeating: 0, count: nx)
    line.withUnsafeMutableBufferPointer { line in
      for j in 0..<rowsInSlice {
        let row = samples.rows[k * rowsInSlice + j]..<samples.rows[k * rowsInSlice + j + 1]
        if row.isEmpty { continue }
        line.update(repeating: 0)
        for sample in row {
          let column = samples.columns[sample]
          let (first, asked) = (places[column], alongX[column] * Double(values[sample]))
          for c in 0..<4 { line[first + c] += asked[c] }
        }
        for c in 0..<4 {
          let (weight, to) = (weights[1][j][c], plane + (axes[1].first[j] + c) * nx)
          for index in 0..<nx { to[index] += weight * line[index] }
        }
      }
    }
  }
}

/// A lattice cut at one place along k, and then at one along j: what is left to be weighed along i.
struct SplineSection {
  private let nx: Int
  private var plane: [Double]
  private(set) var line: [Double]

  init(_ lattice: SplineLattice, _ axis: SplineAxis, at k: Int) {
    nx = lattice.points.x
    let count = nx * lattice.points.y
    plane = [Double](repeating: 0, count: count)
    line = [Double](repeating: 0, count: nx)
    Self.weigh(lattice.values, axis, at: k, count: count, into: &plane)
  }

  mutating func cut(_ axis: SplineAxis, at j: Int) {
    Self.weigh(plane, axis, at: j, count: nx, into: &line)
  }

  private static func weigh(
    _ values: [Double], _ axis: SplineAxis, at place: Int, count: Int, into result: inout [Double]
  ) {
    let (base, w) = (axis.first[place] * count, axis.weights[place])
    values.withUnsafeBufferPointer { values in
      result.withUnsafeMutableBufferPointer { result in
        for index in 0..<count {
          let from = base + index
          result[index] =
            w.x * values[from] + w.y * values[from + count]
            + (w.z * values[from + 2 * count] + w.w * values[from + 3 * count])
        }
      }
    }
  }
}
