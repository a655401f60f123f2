import Coordinator
import Foundations
import Reporting

/// `segfed strategies`: what ways there are of making one model of the sites' updates.
package enum StrategyList {
  /// A row for each strategy, below it one for each parameter.
  package static func text() -> String {
    var table = TextTable(columns: [
      .text("strategy"), .text("parameter"), .number("default"), .text("range"), .text("what it is"),
      .text("needs"), .text("an unseen site starts from"), .text("paper"),
    ])
    for strategy in StrategyChoice.descriptors {
      table.add([
        strategy.name, "", "", "", strategy.summary, strategy.needs.rawValue, strategy.unseen, strategy.paper,
      ])
      for parameter in strategy.parameters {
        table.add([
          "", parameter.name, "\(parameter.defaultValue)",
          "\(parameter.range.lowerBound) to \(parameter.range.upperBound)",
          parameter.meaning, "", "", "",
        ])
      }
    }
    return table.rendered() + "Written as fedadam, or with parameters as fedadam:eta=0.03,tau=0.01.\n"
  }

  package static func json() -> JSONValue {
    .array(
      StrategyChoice.descriptors.map { strategy in
        .object([
          ("name", .string(strategy.name)),
          ("summary", .string(strategy.summary)),
          ("needs", .string(strategy.needs.rawValue)),
          ("optimizer", .string(strategy.optimizer.rawValue)),
          ("unseen_site", .string(strategy.unseen)),
          ("minimum_sites", .number(Double(strategy.minimumSites))),
          ("paper", .string(strategy.paper)),
          (
            "parameters",
            .array(
              strategy.parameters.map { parameter in
                .object([
                  ("name", .string(parameter.name)),
                  ("default", .number(parameter.defaultValue)),
                  ("least", .number(parameter.range.lowerBound)),
                  ("most", .number(parameter.range.upperBound)),
                  ("meaning", .string(parameter.meaning)),
                ])
              })
          ),
        ])
      })
  }
}
