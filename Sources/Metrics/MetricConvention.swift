/// The rules by which a tool of the field scores a region. They disagree by up to 28 % on one pair of masks, so every
/// table names the one it follows.
package struct MetricConvention: Sendable, Equatable {
  /// What a metric is where a mask is empty, or the two do not meet; nil where its formula says so.
  struct EmptyValues: Sendable {
    var both: Double?
    var prediction: Double?
    var reference: Double?
    /// Neither mask is empty, and they have no voxel in common.
    var overlap: Double?

    func callAsFunction(_ emptiness: Emptiness) -> Double? {
      switch emptiness {
      case .both: both
      case .prediction: prediction
      case .reference: reference
      case .overlap: overlap
      case .neither: nil
      }
    }
  }

  /// How lesions are matched and what an unmatched one costs.
  enum LesionRule: Sendable, Equatable {
    /// Lesions merged by dilation, matched with all that they touch; penalty in mm.
    case dilation(penalty: Double)
    /// One to one, by maximum bipartite matching on Dice; penalty in mm. The tolerance of surface Dice is the least of the
    /// voxel's sizes.
    case bipartite(penalty: Double)
  }

  /// As `--convention` takes it.
  package let name: String
  /// Whose numbers these are.
  package let tool: String
  /// In words, for tables: what Dice is where a mask is empty.
  package let emptyRule: String
  /// nil where the tool measures no distances.
  let surface: SurfaceRule?
  /// nil where the tool knows no lesions.
  let lesions: LesionRule?
  /// MONAI's volume difference has no sign.
  let volumeDifferenceHasSign: Bool
  /// Specificity where the reference fills the grid, so that there is nothing to leave out.
  let specificityWithoutBackground: Double
  /// The tool does not hand the voxels' size to its distances between whole masks.
  let measuresWholeMasksInVoxels: Bool
  private let empty: [Metric: EmptyValues]

  init(
    name: String, tool: String, emptyRule: String, surface: SurfaceRule?, lesions: LesionRule? = nil,
    volumeDifferenceHasSign: Bool = true, specificityWithoutBackground: Double = .nan,
    measuresWholeMasksInVoxels: Bool = false, empty: [Metric: EmptyValues]
  ) {
    self.name = name
    self.tool = tool
    self.emptyRule = emptyRule
    self.surface = surface
    self.lesions = lesions
    self.volumeDifferenceHasSign = volumeDifferenceHasSign
    self.specificityWithoutBackground = specificityWithoutBackground
    self.measuresWholeMasksInVoxels = measuresWholeMasksInVoxels
    self.empty = empty
  }

  /// Conventions are their names; some of their values are NaN, which is not equal to itself.
  package static func == (one: MetricConvention, other: MetricConvention) -> Bool { one.name == other.name }

  /// The value that a missing mask gives a metric; nil where its formula has one.
  func value(of metric: Metric, where emptiness: Emptiness) -> Double? { empty[metric]?(emptiness) }

  /// Dice by the convention.
  package func dice(_ counts: OverlapCounts) -> Double {
    value(of: .dice, where: counts.emptiness) ?? counts.dice
  }

  /// Every metric that the tool has, or that its rules give.
  var metrics: [Metric] {
    Metric.allCases.filter { metric in
      if Metric.ofSurfaces.contains(metric) { return surface != nil }
      guard Metric.ofLesions.contains(metric) else { return true }
      switch lesions {
      case nil: return false
      case .dilation: return metric != .lesionSurfaceDice
      case .bipartite: return true
      }
    }
  }
}

/// How distances between surfaces become numbers.
struct SurfaceRule: Sendable, Equatable {
  enum Kind: Sendable, Equatable {
    /// Voxels of the mask with a neighbour outside of it, across a face.
    case borderVoxels
    /// DeepMind's elements between voxel centres, each with its area.
    case elements
  }

  enum Percentile: Sendable, Equatable {
    /// Of each direction, between neighbours linearly; the larger one.
    case linearOfEach
    /// Of both directions' distances in one list.
    case linearOfBoth
    /// Of each direction by area, without interpolation; the larger one.
    case byAreaOfEach
  }

  enum Joining: Sendable, Equatable {
    /// Both directions' elements in one sum.
    case together
    /// The mean of the two directions.
    case eachAlike
  }

  let kind: Kind
  let percentile: Percentile
  let average: Joining
  let overlap: Joining
  /// Of surface Dice where none is given, in mm.
  var tolerance = 1.0
  /// MONAI keeps distances, and compares them with a tolerance, in single precision.
  var isSinglePrecision = false

  func rounded(_ value: Double) -> Double { isSinglePrecision ? Double(Float(value)) : value }
}
