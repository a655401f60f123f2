import ArgumentParser
import Experiment
import Foundations
import Harmonization
import Training

extension HarmonizationSettings.Interpolation: ExpressibleByArgument {}
extension HarmonizationSettings.BiasCorrection: ExpressibleByArgument {}
extension BrainMaskKind: ExpressibleByArgument {}
extension IntensityMethod: ExpressibleByArgument {}

/// What of the plan's harmonisation is done otherwise.
struct HarmonizationOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "How intensities are brought to a common scale; atlas: landmarks that the sites agree on (Nyul). (default: the plan's, z-score)",
      valueName: "method"))
  var intensity: IntensityMethod?

  @Option(
    name: .long, help: "An atlas that sites agreed on earlier (atlas.json), instead of agreeing anew.",
    completion: .file(extensions: ["json"]))
  var atlas: String?

  @Option(name: .long, help: "Bias field correction. (default: the plan's, none)")
  var biasField: HarmonizationSettings.BiasCorrection?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Percentiles inside the brain to clip to, such as 0.5,99.5. (default: the plan's, none)",
      valueName: "low,high"))
  var clip: String?

  @Option(
    name: .long,
    help:
      "What counts as brain: voxels that are not 0, Otsu's threshold, or a given <case>_mask. (default: the plan's, zeros)"
  )
  var brainMask: BrainMaskKind?

  @Option(
    name: .long,
    help: "How scans are resampled; labels always by shares, as nnU-Net. (default: the plan's, cubic)")
  var interpolation: HarmonizationSettings.Interpolation?

  /// An option that was given, each of which a study says.
  var given: String? {
    if intensity != nil { return "--intensity" }
    if atlas != nil { return "--atlas" }
    if biasField != nil { return "--bias-field" }
    if clip != nil { return "--clip" }
    if brainMask != nil { return "--brain-mask" }
    return interpolation != nil ? "--interpolation" : nil
  }

  func validate() throws {
    if clip != nil && percentiles == nil {
      throw ValidationError("--clip: found \(clip ?? ""), expected two percentiles, such as 0.5,99.5.")
    }
    if atlas != nil, let intensity, intensity != .atlas {
      throw ValidationError("--atlas goes with --intensity atlas: found --intensity \(intensity.rawValue).")
    }
  }

  private var percentiles: [Double]? {
    guard let clip else { return nil }
    let numbers = clip.split(separator: ",").map { Double($0) }
    guard numbers.count == 2, let low = numbers[0], let high = numbers[1] else { return nil }
    return low >= 0 && low < high && high <= 100 ? [low, high] : nil
  }

  /// Throws what reading the atlas throws.
  func choice() throws -> HarmonizationChoice {
    var choice = HarmonizationChoice()
    choice.intensity = atlas == nil ? intensity : .atlas
    choice.biasField = biasField
    choice.clip = percentiles
    choice.mask = brainMask
    choice.interpolation = interpolation
    choice.atlas = try atlas.map { try IntensityAtlas.read($0) }
    return choice
  }
}

/// What is let pass of a case, and what becomes of one that fails.
struct CheckOptions: ParsableArguments {
  @Flag(name: .long, help: "Leave out cases that fail a check, and report them, instead of stopping.")
  var skipBadCases = false

  @Flag(name: .long, help: "Let labels lie where no contrast has signal.")
  var allowLabelsOutsideBrain = false

  @Flag(name: .long, help: "Bring label maps of another grid to their scan's, each voxel the nearest label.")
  var resampleLabels = false

  var policy: CasePolicy {
    var policy = CasePolicy.strict
    policy.skipsBadCases = skipBadCases
    policy.allowsLabelsOutsideBrain = allowLabelsOutsideBrain
    policy.resamplesLabels = resampleLabels
    return policy
  }
}

/// Where harmonised cases are kept, and how much reading may take.
struct ReadingOptions: ParsableArguments {
  @Option(
    name: .long,
    help: "Folder that keeps harmonised cases for this and later runs, mapped instead of held in memory.",
    completion: .directory)
  var cache: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Ceiling on what cases take while they are read side by side, such as 2GB. (default: half of what is free)",
      valueName: "size"))
  var loadingMemory: String?

  func validate() throws {
    if let loadingMemory, ByteCount.parse(loadingMemory) == nil {
      throw ValidationError(
        "--loading-memory: found \(loadingMemory), expected a size such as 2GB or 800MiB.")
    }
  }

  var ceiling: Int? { loadingMemory.flatMap(ByteCount.parse) }
}
