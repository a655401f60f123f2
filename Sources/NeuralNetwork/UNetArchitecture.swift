import Tensor

/// What makes one U-Net: channels, stages, strides and kernels, in 2D and 3D alike.
///
/// The plain encoder's and the decoder's stages have `convolutionsPerStage` blocks of convolution, instance norm
/// and leaky ReLU each, the residual encoder's `blocksPerStage` blocks with a skip of their own; stages after the
/// first begin with a strided convolution or a max pool; the decoder goes up by transposed convolution and joins the
/// skip connection (Ronneberger et al. 2015; Isensee et al. 2021 and 2024).
package struct UNetArchitecture: Sendable, Equatable {
  /// 2 or 3; a 2D network has depth 1 throughout.
  package var dimensions: Int
  /// Contrasts.
  package var inputChannels: Int
  /// Classes with background, or regions; the head has as many outputs.
  package var classes: Int
  /// Feature maps per stage, from the finest.
  package var widths: [Int]
  /// The plain encoder's and the decoder's.
  package var convolutionsPerStage: Int
  package var downsampling: Downsampling
  package var encoder: Encoder
  /// Step into each stage along depth, height and width, 1 into the first; nil: 2 along every axis of the dimensions.
  package var strides: [Axes]?
  /// Taps of each stage's convolutions along depth, height and width; nil: 3 along every axis of the dimensions.
  package var kernels: [Axes]?
  /// Whether coarser stages of the decoder have heads of their own in training, see `supervisedStages`.
  package var deepSupervision: Bool

  /// How a stage of the plain encoder begins that is coarser than the one before.
  package enum Downsampling: String, Sendable, CaseIterable {
    /// nnU-Net's way: the stage's first convolution has the step as its stride.
    case stridedConvolution = "strided_convolution"
    /// Ronneberger's way.
    case maxPool = "max_pool"
  }

  /// The way down.
  package enum Encoder: Sendable, Equatable {
    case plain
    /// A stem and residual blocks (nnU-Net's ResidualEncoderUNet of BasicBlockD, He et al. 2019), as many to each stage;
    /// the first block of a stage has the step as its stride, whatever `downsampling` says.
    case residual(blocksPerStage: [Int])
  }

  package init(
    dimensions: Int, inputChannels: Int, classes: Int, widths: [Int], convolutionsPerStage: Int = 2,
    downsampling: Downsampling = .stridedConvolution, encoder: Encoder = .plain, strides: [Axes]? = nil,
    kernels: [Axes]? = nil, deepSupervision: Bool = false
  ) {
    self.dimensions = dimensions
    self.inputChannels = inputChannels
    self.classes = classes
    self.widths = widths
    self.convolutionsPerStage = convolutionsPerStage
    self.downsampling = downsampling
    self.encoder = encoder
    self.strides = strides
    self.kernels = kernels
    self.deepSupervision = deepSupervision
  }

  /// Step from the stage before into a stage.
  func stride(into stage: Int) -> Axes {
    if let strides { return strides[stage] }
    return stage == 0 ? .one : dimensions == 2 ? Axes(1, 2, 2) : Axes(2, 2, 2)
  }

  /// Taps of a stage's convolutions in encoder and decoder.
  func kernel(of stage: Int) -> Axes {
    kernels?[stage] ?? (dimensions == 2 ? Axes(1, 3, 3) : Axes(3, 3, 3))
  }

  /// How much smaller a stage's grid is than the patch, along each axis.
  func step(of stage: Int) -> Axes { (0...stage).reduce(Axes.one) { $0.times(stride(into: $1)) } }

  /// How much smaller the coarsest grid is along each axis; patches are multiples of it.
  package var totalStride: Axes { widths.isEmpty ? .one : step(of: widths.count - 1) }

  /// The decoder's stages that have a head, from the finest.
  ///
  /// nnU-Net's loss gives the lowest stage's head the weight 0: it would never learn, and is left out here.
  package var supervisedStages: Range<Int> { 0..<(deepSupervision ? max(1, widths.count - 2) : 1) }

  /// Each head's share of the loss: 1/2^i for the i-th from the finest, together 1 (nnU-Net).
  package var supervisionWeights: [Double] {
    let shares = supervisedStages.map { 1 / Double(1 << $0) }
    let sum = shares.reduce(0, +)
    return shares.map { $0 / sum }
  }
}

extension Axes {
  /// Axis by axis.
  func times(_ other: Axes) -> Axes {
    Axes(depth * other.depth, height * other.height, width * other.width)
  }

  /// Axis by axis, rounded down.
  func divided(by other: Axes) -> Axes {
    Axes(depth / other.depth, height / other.height, width / other.width)
  }
}
