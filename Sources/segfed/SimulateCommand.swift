import ArgumentParser
import Experiment
import Foundations
import Reporting
import Simulation

extension SimulationRequest.Split: ExpressibleByArgument {}
extension Profile: ExpressibleByArgument {}

struct SimulateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Make BraTS-like sites from a seed.",
    discussion: """
      Brains, tumours and scanners follow from the seed. \
      Profiles: \(Profile.allCases.map(\.rawValue).joined(separator: ", ")).

      Examples:
        segfed simulate --profile demo --seed 1 --output data
        segfed simulate --seed 1 --cases 20 --split test --output fresh
        segfed simulate --profile fets23 --scale 0.02 --spacing 3 --output fets
      """)

  @Option(name: .long, help: "Which sites.")
  var profile = Profile.demo

  @Option(name: .long, help: "Seed; the same seed gives the same files on every machine.")
  var seed: UInt64 = 1

  @Option(name: .long, help: "Folder to make.", completion: .directory)
  var output: String

  @Option(name: .long, help: "Only the profile's first sites. (default: all)")
  var sites: Int?

  @Option(name: .long, help: "Cases at every site. (default: the profile's)")
  var cases: Int?

  @Option(name: .long, help: "train, or test for fresh cases of the same sites.")
  var split: SimulationRequest.Split = .train

  @Option(name: .long, help: "Share of the profile's cases to make, above 0 and up to 1.")
  var scale: Double = 1

  @Option(name: .long, help: "Isotropic voxel size in mm instead of each site's own.")
  var spacing: Double?

  @Flag(name: .long, help: "BraTS' grid: 240x240x155 at 1 mm.")
  var bratsGrid = false

  @OptionGroup var machine: MachineOptions
  @OptionGroup var show: OutputOptions

  func validate() throws {
    let known = profile.sites(seed: seed).count
    if let sites, !(1...known).contains(sites) {
      throw ValidationError("--sites: found \(sites), expected 1 to the profile's \(known).")
    }
    if let cases, cases < 1 { throw ValidationError("--cases: found \(cases), expected 1 or more.") }
    if !(scale > 0 && scale <= 1) {
      throw ValidationError("--scale: found \(scale), expected above 0 and up to 1.")
    }
    if spacing != nil && bratsGrid {
      throw ValidationError("--spacing and --brats-grid exclude each other: give one.")
    }
  }

  func run() throws {
    let request = SimulationRequest(
      profile: profile, seed: seed, output: output, siteCount: sites, casesPerSite: cases, split: split,
      scale: scale, grid: bratsGrid ? .brats : spacing.map { .spacing($0) } ?? .profile,
      threads: machine.threadCount, force: machine.force)
    let progress = ProgressLine("simulating", total: Simulator.caseCount(request), quiet: show.quiet)
    let summary = try Simulator.run(request, progress: progress)
    progress.finish()
    let console = show.console
    if console.isJSON {
      console.print(summary.json(output: output))
    } else {
      console.print(
        "\(output): \(summary.cases) cases at \(summary.sites.count) sites, "
          + "\(NumberText.megabytes(summary.bytes)) MB")
    }
  }
}

extension SimulationSummary {
  /// What was made, for scripts.
  fileprivate func json(output: String) -> String {
    JSONValue.object([
      ("output", .string(output)), ("cases", .integer(cases)), ("bytes", .integer(bytes)),
      ("sites", .object(sites.map { ($0.name, .integer($0.cases)) })),
    ]).rendered()
  }
}
