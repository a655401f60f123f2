import Tensor

/// What makes one U-Net: channels, stages and strides, in 2D and 3D alike.
///
/// Each stage has `convolutionsPerStage` blocks of 3×3(×3) convolution, instance norm and leaky ReLU;
/// stages after the first begin with a strided convolution or a max pool; the decoder goes up by transposed
/// convolution and joins the skip connection (Ronneberger et al. 2015; Isensee et al. 2021).
package struct UNetArchitecture: Sendable, Equatable, Codable {
  /// 2 or 3; a 2D network has depth 1 throughout.
  package var dimensions: Int
  /// Contrasts.
  package var inputChannels: Int
  /// Classes with background, or regions; the head has as many outputs.
  package var classes: Int
  /// Feature maps per stage, from the finest.
  package var widths: [Int]
  package var convolutionsPerStage: Int
  package var downsampling: Downsampling

  /// How a stage begins that is coarser than the one before.
  package enum Downsampling: String, Sendable, Codable, CaseIterable {
    /// nnU-Net's way: the stage's first convolution has the step as its stride.
    case stridedConvolution = "strided_convolution"
    /// Ronneberger's way.
    case maxPool = "max_pool"
  }

  package init(
    dimensions: Int, inputChannels: Int, classes: Int, widths: [Int], convolutionsPerStage: Int = 2,
    downsampling: Downsampling = .stridedConvolution
  ) {
    self.dimensions = dimensions
    self.inputChannels = inputChannels
    self.classes = classes
    self.widths = widths
    self.convolutionsPerStage = convolutionsPerStage
    self.downsampling = downsampling
  }

  /// Step from one stage to the next.
  var stride: Axes { dimensions == 2 ? Axes(1, 2, 2) : Axes(2, 2, 2) }
  var kernel: Axes { dimensions == 2 ? Axes(1, 3, 3) : Axes(3, 3, 3) }
  var padding: Axes { dimensions == 2 ? Axes(0, 1, 1) : Axes(1, 1, 1) }

  /// How much smaller the coarsest grid is along each (non-trivial) axis: 2 to the number of steps down.
  package var totalStride: Int { 1 << max(0, widths.count - 1) }

  /// Voxels along an axis that a patch may have.
  static let largestExtent = 4096

  /// Numbers that a tensor may hold. All sizes that a network is compiled with, Winograd's transforms and
  /// bytes among them, are at most 2^14 times as many: none of their products overflows.
  static let largestTensor = 1 << 48

  /// Throws `NetworkError` where the fields make no network, or none for this batch of patches (depth, height, width).
  package func validate(batch: Int = 1, patch: Axes) throws {
    guard dimensions == 2 || dimensions == 3 else { throw NetworkError.dimensions(found: dimensions) }
    try check("contrasts", inputChannels, in: 1...64)
    try check("classes", classes, in: 1...64)
    try check("network.widths (stages)", widths.count, in: 2...8)
    try check("network.convolutions_per_stage", convolutionsPerStage, in: 1...4)
    for width in widths { try check("network.widths", width, in: 1...2048) }
    try validate(patch)
    try validateSize(batch: batch, patch: patch)
  }

  private func validate(_ patch: Axes) throws {
    let axes: [(String, Int)] = [
      ("depth", patch.depth), ("height", patch.height), ("width", patch.width),
    ]
    for (name, extent) in axes {
      if name == "depth" && dimensions == 2 {
        guard extent == 1 else { throw NetworkError.planarPatch(depth: extent) }
        continue
      }
      guard extent >= 2 * totalStride, extent <= Self.largestExtent, extent % totalStride == 0 else {
        throw NetworkError.patch(axis: name, extent: extent, stages: widths.count, multiple: totalStride)
      }
    }
  }

  /// A feature map of each stage, joined with its skip connection, is the largest tensor there.
  private func validateSize(batch: Int, patch: Axes) throws {
    guard batch > 0 else { throw NetworkError.batch(found: batch) }
    var grid = patch
    for (stage, width) in widths.enumerated() {
      let channels = max(2 * width, stage == 0 ? max(inputChannels, classes) : 0)
      let (count, overflows) = batch.multipliedReportingOverflow(by: grid.product * channels)
      guard !overflows, count <= Self.largestTensor else {
        throw NetworkError.tooLarge(batch: batch, patch: patch, stage: stage, channels: channels)
      }
      grid = Axes(grid.depth / stride.depth, grid.height / stride.height, grid.width / stride.width)
    }
  }

  private func check(_ field: String, _ found: Int, in range: ClosedRange<Int>) throws {
    guard range.contains(found) else {
      throw NetworkError.outOfRange(
        field: field, found: found, lower: range.lowerBound, upper: range.upperBound)
    }
  }
}
