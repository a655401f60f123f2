/// A matrix product whose left side is read where it lies and whose right side is cut into panels.
///
/// C[r][c] ← Σ over segments s and depth k of A_s[r·rowStep + k·depthStep] · B[c / 16][(s·length + k)·bDepthStep + c % 16].
/// One of `rowStep` and `depthStep` is 1. Each sum runs in one chain of fused multiply-adds, in the order of s and k: the same bits for any blocking.
///
/// Public, since only then the compiler inlines its initialiser elsewhere: called for every small product, a call took 7 % of the
/// training of a network with 8 channels.
public struct Product {
  public var rows: Int
  public var columns: Int
  /// Where the segments' first rows begin.
  public var segments: UnsafePointer<UnsafePointer<Float>>
  public var segmentCount: Int
  /// Depth of one segment.
  public var length: Int
  public var rowStep: Int
  public var depthStep: Int
  public var b: UnsafePointer<Float>
  /// Values from one panel of 16 columns to the next.
  public var bPanelStep: Int
  public var bDepthStep: Int
  public var c: UnsafeMutablePointer<Float>
  public var cStride: Int
  /// Adds to C instead of overwriting it.
  public var isAdding: Bool
  /// What each row of C begins with where it is overwritten; zeros if nil.
  public var bias: UnsafePointer<Float>?

  @inlinable
  public init(
    rows: Int, columns: Int, segments: UnsafePointer<UnsafePointer<Float>>, segmentCount: Int = 1,
    length: Int, rowStep: Int, depthStep: Int, b: UnsafePointer<Float>, bPanelStep: Int, bDepthStep: Int,
    c: UnsafeMutablePointer<Float>, cStride: Int, isAdding: Bool, bias: UnsafePointer<Float>? = nil
  ) {
    (self.rows, self.columns) = (rows, columns)
    (self.segments, self.segmentCount, self.length) = (segments, segmentCount, length)
    (self.rowStep, self.depthStep) = (rowStep, depthStep)
    (self.b, self.bPanelStep, self.bDepthStep) = (b, bPanelStep, bDepthStep)
    (self.c, self.cStride, self.isAdding, self.bias) = (c, cStride, isAdding, bias)
  }
}
