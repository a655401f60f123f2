import ArgumentParser
import Experiment

struct StrategiesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "strategies",
    abstract: "List aggregation strategies, and attacks on them.",
    discussion: """
      Examples:
        segfed strategies
        segfed strategies --json
        segfed train --data SampleData --output runs/adam --strategy fedadam:eta=0.03
        segfed train --data SampleData --output runs/bad --attack signflip:sites=2
      """)

  @OptionGroup var show: OutputOptions

  func run() {
    let console = show.console
    console.print(show.json ? StrategyList.json().rendered() : StrategyList.text())
  }
}
