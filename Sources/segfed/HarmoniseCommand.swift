import ArgumentParser
import Experiment

struct HarmoniseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "harmonise",
    abstract: "Bring scans to one orientation, spacing, intensity.",
    discussion: """
      Sites exchange counts and sums of landmarks, never a scan. Harmonised cases are kept in OUTPUT/cache, which \
      `segfed train --cache` reads.

      Examples:
        segfed harmonise --data SampleData --output harmonised --nifti
        segfed harmonise --data SampleData --output out --intensity atlas
        segfed harmonise --data new --output joined --atlas out/coordinator/atlas.json
      """)

  @Option(name: .long, help: "Folder with scans, or a CSV manifest, as for train.", completion: .data)
  var data: String

  @OptionGroup var layout: LayoutOption

  @Option(name: .long, help: "Folder to make; never overwritten without --force.", completion: .directory)
  var output: String

  @Option(
    name: .long,
    help:
      "Plan, a file or a built-in one's name, whose contrasts, spacing and harmonisation count. (default: the one that fits)",
    completion: .plan)
  var plan: String?

  @OptionGroup var harmonization: HarmonizationOptions

  @Option(
    name: .long, help: "Folder of an earlier harmonisation whose fitted values are used instead of fitting.",
    completion: .directory)
  var fits: String?

  @Flag(name: .long, help: "Also write each case as NIfTI, in sites/<name>/<case>.")
  var nifti = false

  @OptionGroup var checks: CheckOptions
  @OptionGroup var reading: ReadingOptions
  @OptionGroup var machine: MachineOptions
  @OptionGroup var show: OutputOptions

  func run() async throws {
    var request = HarmonizationRun.Request(data: data, output: output, threads: machine.threadCount)
    request.layout = layout.layout
    request.plan = plan
    request.choice = try harmonization.choice()
    request.policy = checks.policy
    request.cache = reading.cache
    request.loadingMemory = reading.ceiling
    request.fits = fits
    request.writesNIfTI = nifti
    request.force = machine.force
    try await HarmonizationRun.execute(request, console: show.console)
  }
}
