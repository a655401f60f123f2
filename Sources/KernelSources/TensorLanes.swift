import CProcessor
import Kernels

/// A tensor's values for 16 channels, line by line along the width.
private protocol TensorLanes {
  associatedtype Line: LaneSource
  /// The line that begins at a voxel.
  func line(_ voxel: Int) -> Line
  /// Asks for a voxel's memory ahead of its use; the voxel may lie beyond the tensor.
  func prefetch(_ voxel: Int)
}

/// The terms of `NormTerms` for 16 channels.
private struct LaneNorm {
  let scale, shift, slope, mean, a, b: Lanes

  /// What leaves values as they are.
  @inline(__always)
  static var identity: LaneNorm { LaneNorm() }

  @inline(__always)
  private init() {
    scale = Lanes(repeating: 1)
    slope = Lanes(repeating: 1)
    shift = Lanes(repeating: 0)
    mean = Lanes(repeating: 0)
    a = Lanes(repeating: 0)
    b = Lanes(repeating: 0)
  }

  @inline(__always)
  init(_ terms: NormTerms, channel: Int, lanes: Int) {
    scale = load(terms.scale + channel, count: lanes)
    shift = load(terms.shift + channel, count: lanes)
    slope = load(terms.slope + channel, count: lanes)
    mean = load(terms.mean + channel, count: lanes)
    a = load(terms.a + channel, count: lanes)
    b = load(terms.b + channel, count: lanes)
  }

  /// leaky(scale·x + shift).
  @inline(__always)
  func read(_ x: Lanes) -> Lanes { leaky(fma(shift, x, scale), slope) }

  /// The gradient before leaky ReLU.
  @inline(__always)
  func beforeActivation(_ x: Lanes, _ dy: Lanes) -> Lanes {
    dy.replacing(with: dy * slope, where: fma(shift, x, scale) .< 0)
  }

  /// The gradient before normalisation.
  @inline(__always)
  func beforeNorm(_ x: Lanes, _ dy: Lanes) -> Lanes {
    scale * fma(beforeActivation(x, dy) - a, mean - x, b)
  }
}

/// Sixteen channels of whole lines as they lie.
private struct PlainLanes: TensorLanes, LaneSource {
  let base: UnsafePointer<Float>
  let step: Int

  @inline(__always) func line(_ voxel: Int) -> Self { Self(base: base + voxel &* step, step: step) }
  @inline(__always) func callAsFunction(_ i: Int) -> Lanes { load(base + i &* step) }
  @inline(__always) func prefetch(_ voxel: Int) { segfed_prefetch(base + voxel &* step) }
}

/// Sixteen channels of whole lines, normalised and activated.
private struct InnerLanes: TensorLanes, LaneSource {
  let base: UnsafePointer<Float>
  let step: Int
  let norm: LaneNorm

  @inline(__always) func line(_ voxel: Int) -> Self {
    Self(base: base + voxel &* step, step: step, norm: norm)
  }
  @inline(__always) func callAsFunction(_ i: Int) -> Lanes { norm.read(load(base + i &* step)) }
  @inline(__always) func prefetch(_ voxel: Int) { segfed_prefetch(base + voxel &* step) }
}

/// Fewer than 16 channels of whole lines, normalised and activated.
private struct PartialLanes: TensorLanes, LaneSource {
  let base: UnsafePointer<Float>
  let step: Int
  let norm: LaneNorm
  let lanes: Int

  @inline(__always) func line(_ voxel: Int) -> Self {
    Self(base: base + voxel &* step, step: step, norm: norm, lanes: lanes)
  }
  @inline(__always) func callAsFunction(_ i: Int) -> Lanes {
    norm.read(load(base + i &* step, count: lanes))
  }
  @inline(__always) func prefetch(_ voxel: Int) { segfed_prefetch(base + voxel &* step) }
}

/// Lines that may begin before or end beyond the grid: zeros there.
private struct EdgeLanes<Inner: TensorLanes>: TensorLanes {
  let inner: Inner
  /// Places of a line that lie in the grid.
  let first: Int
  let end: Int

  @inline(__always)
  init(_ inner: Inner, _ place: TilePlace, _ block: WinogradBlock) {
    self.inner = inner
    first = -place.width
    end = block.grid.width &- place.width
  }

  struct Line: LaneSource {
    let inner: Inner.Line
    let first: Int
    let end: Int

    @inline(__always)
    func callAsFunction(_ i: Int) -> Lanes {
      i >= first && i < end ? inner(i) : Lanes(repeating: 0)
    }
  }

  @inline(__always)
  func line(_ voxel: Int) -> Line { Line(inner: inner.line(voxel), first: first, end: end) }

  @inline(__always)
  func prefetch(_ voxel: Int) { inner.prefetch(voxel) }
}

/// A gradient's values for 16 channels, line by line.
private protocol GradientLanes {
  associatedtype Line: LaneSource
  /// The line that begins at a voxel; places from `count` on are zero.
  func line(_ voxel: Int, count: Int) -> Line
  /// Asks for a voxel's memory ahead of its use; the voxel may lie beyond the tensor.
  func prefetch(_ voxel: Int)
}

private struct PlainGradientLanes: GradientLanes, LaneSource {
  var values: UnsafeMutablePointer<Float>
  let stride: Int
  let lanes: Int
  var count = 0

  init(values: UnsafeMutablePointer<Float>, stride: Int, lanes: Int) {
    (self.values, self.stride, self.lanes) = (values, stride, lanes)
  }

  @inline(__always)
  func line(_ voxel: Int, count: Int) -> Self {
    var line = self
    line.values = values + voxel &* stride
    line.count = count
    return line
  }

  @inline(__always)
  func callAsFunction(_ i: Int) -> Lanes {
    i < count ? load(values + i &* stride, count: lanes) : Lanes(repeating: 0)
  }

  @inline(__always)
  func prefetch(_ voxel: Int) { segfed_prefetch(values + voxel &* stride) }
}

/// Reads the gradient of a normalised output and leaves the gradient before the normalisation in its place.
private struct NormGradientLanes: GradientLanes, LaneSource {
  var values: UnsafeMutablePointer<Float>
  let stride: Int
  var output: UnsafePointer<Float>
  let outputStride: Int
  let norm: LaneNorm
  let lanes: Int
  var count = 0

  init(
    values: UnsafeMutablePointer<Float>, stride: Int, output: UnsafePointer<Float>, outputStride: Int,
    norm: LaneNorm, lanes: Int
  ) {
    (self.values, self.stride, self.output, self.outputStride) = (values, stride, output, outputStride)
    (self.norm, self.lanes) = (norm, lanes)
  }

  @inline(__always)
  func line(_ voxel: Int, count: Int) -> Self {
    var line = self
    line.values = values + voxel &* stride
    line.output = output + voxel &* outputStride
    line.count = count
    return line
  }

  @inline(__always)
  func callAsFunction(_ i: Int) -> Lanes {
    if i >= count { return Lanes(repeating: 0) }
    let dy = values + i &* stride
    let dx = norm.beforeNorm(load(output + i &* outputStride, count: lanes), load(dy, count: lanes))
    store(dx, dy, count: lanes)
    return dx
  }

  @inline(__always)
  func prefetch(_ voxel: Int) {
    segfed_prefetch(values + voxel &* stride)
    segfed_prefetch(output + voxel &* outputStride)
  }
}
