import Imaging

/// Where the samples of one axis lie among the control points of a uniform cubic B-spline that spans the axis.
struct SplineAxis: Sendable {
  let points: Int
  /// The first of the four control points that reach each sample, and their weights there.
  let first: [Int]
  let weights: [SIMD4<Double>]

  /// `samples` are voxels of an axis of `length`; the spline goes from the first voxel's centre to the last one's. An
  /// axis of one voxel has its weights at the spline's beginning, which comes to a spline without that axis.
  init(points: Int, length: Int, samples: [Int]) {
    let spans = points - 3
    self.points = points
    let places = samples.map { Double(spans * $0) / Double(max(1, length - 1)) }
    first = places.map { min(Int($0), spans - 1) }
    weights = zip(places, first).map { CubicSpline.basis($0 - Double($1)) }
  }
}
