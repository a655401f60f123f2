import ArgumentParser
import Experiment

struct BandwidthCommand: AsyncParsableCommand, ComputingOptionsCommand {
  static let configuration = CommandConfiguration(
    commandName: "bandwidth",
    abstract: "Train with several codecs: Dice against bytes.",
    discussion: """
      Dice is printed against the bytes on the wire and those of the scans. \
      The file is that of segfed sweep, with codec as the only axis of its grid, or none:
        schema_version: 1
        data: data
        test: fresh
        distances: true       # HD95 beside Dice
        plan: bench
        seeds: [1, 2, 3]
        grid:
          codec: [fp32, delta+int8+entropy, "delta+dct+uniform:step=1.8+entropy"]

      Examples:
        segfed bandwidth codecs.yaml --output runs/bandwidth
        segfed bandwidth codecs.yaml --output runs/bandwidth --scans full-size.csv
      """)

  @Argument(help: "The grid's file.", completion: .yaml)
  var file: String

  @Option(
    name: .long,
    help: "Folder for results.jsonl and bandwidth.csv; finished runs there are not repeated.",
    completion: .directory)
  var output: String

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Table of the scans that the bytes are held against, instead of those that are trained on: site, cases, compressed_bytes, "
        + "uncompressed_bytes.", valueName: "csv"), completion: .data)
  var scans: String?

  @OptionGroup var computing: ComputingOptions
  @OptionGroup var machine: MachineOptions
  @OptionGroup var show: OutputOptions

  func run() async throws {
    try await BandwidthStudy(
      file, scans: scans, output: output, threads: machine.threadCount, force: machine.force,
      console: show.console
    ).execute()
  }
}
