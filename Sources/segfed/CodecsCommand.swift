import ArgumentParser
import Experiment

struct CodecsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "codecs",
    abstract: "List what makes weights small on their way.",
    discussion: """
      Examples:
        segfed codecs
        segfed codecs --json
        segfed train --data SampleData --output runs/small --codec delta+int8+entropy
        segfed train --data SampleData --output runs/up --codec-up int8+entropy
      """)

  @OptionGroup var show: OutputOptions

  func run() {
    let console = show.console
    console.print(show.json ? CodecList.json().rendered() : CodecList.text())
  }
}
