import Foundations

/// What a site's tumours are like: the ranges from which each case is drawn.
package struct TumourMix: Sendable, Equatable, Codable {
  /// Whole tumours (core and edema) in mL; drawn evenly in the logarithm.
  package var smallest: Double
  package var largest: Double
  /// Share of cases with an enhancing rim (high grade).
  package var enhancingShare: Double

  enum CodingKeys: String, CodingKey {
    case smallest = "smallest_ml"
    case largest = "largest_ml"
    case enhancingShare = "enhancing_share"
  }

  package init(smallest: Double, largest: Double, enhancingShare: Double) {
    precondition(smallest > 0 && largest >= smallest, "tumour volumes are positive and in order")
    precondition((0...1).contains(enhancingShare), "a share lies in 0...1")
    self.smallest = smallest
    self.largest = largest
    self.enhancingShare = enhancingShare
  }
}

/// One tumour's plan, before it grows.
struct TumourSpecification: Sendable, Equatable {
  /// mL.
  var coreVolume: Double
  var edemaVolume: Double
  var isEnhancing: Bool
  /// Thickness of the rim in mm, in the mean; it varies around that.
  var rimThickness: Float
  /// How much of the tissue in the edema is fluid at its outer border, 0...1; 1 deep inside.
  var infiltration: Float
  /// How much of the core is cyst, whose fluid is dark in FLAIR, in the mean.
  var cyst: Float
  /// Share of the distance from the centre by which tissue is pushed away.
  var massEffect: Float
  /// 1…3 places where the core starts.
  var seeds: Int

  init(mix: TumourMix, stream: inout RandomStream) {
    let ratio = PortableMath.log(mix.largest / mix.smallest)
    let whole = mix.smallest * PortableMath.exp(ratio * stream.uniform())
    isEnhancing = stream.uniform() < mix.enhancingShare
    // Low grade: mostly core; high grade: mostly edema.
    let coreShare = isEnhancing ? stream.uniform(0.28...0.55) : stream.uniform(0.45...0.75)
    coreVolume = whole * coreShare
    edemaVolume = whole - coreVolume
    rimThickness = Float(stream.uniform(2.4...4.8))
    infiltration = Float(stream.uniform(0.22...0.42))
    cyst = Float(stream.uniform(0...0.45)) * (isEnhancing ? 1 : 0.4)
    massEffect = Float(stream.uniform(0.25...0.6)) * (isEnhancing ? 1 : 0.7)
    seeds = 1 + stream.integer(below: 3)
  }
}
