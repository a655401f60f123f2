import Adversary
import Coordinator
import Foundations
import Reporting

/// `segfed strategies`: what ways there are of making one model of the sites' updates, and what attacks on them.
package enum StrategyList {
  /// Two tables with a row for each strategy and attack, below it one for each parameter.
  package static func text() -> String {
    strategies().rendered() + "Written as fedadam, or with parameters as fedadam:eta=0.03,tau=0.01.\n\n"
      + attacks().rendered() + "Written as signflip, or with parameters as signflip:sites=2,scale=4.\n"
  }

  package static func json() -> JSONValue {
    .object([
      ("strategies", .array(StrategyChoice.descriptors.map(json))),
      ("attacks", .array(AttackKind.allCases.map(json))),
    ])
  }

  private static func strategies() -> TextTable {
    var table = TextTable(columns: [
      .text("strategy"), .text("parameter"), .number("default"), .text("range"), .text("what it is"),
      .text("needs"), .text("an unseen site starts from"), .text("paper"),
    ])
    for strategy in StrategyChoice.descriptors {
      table.add([
        strategy.name, "", "", "", strategy.summary, strategy.needs.rawValue, strategy.unseen, strategy.paper,
      ])
      for parameter in strategy.parameters { table.add(parameter.cells + ["", "", ""]) }
    }
    return table
  }

  private static func attacks() -> TextTable {
    var table = TextTable(columns: [
      .text("attack"), .text("parameter"), .number("default"), .text("range"), .text("what it is"),
      .text("paper"),
    ])
    for attack in AttackKind.allCases {
      table.add([attack.rawValue, "", "", "", attack.summary, attack.paper])
      for parameter in attack.parameters { table.add(parameter.cells + [""]) }
    }
    return table
  }

  private static func json(_ strategy: StrategyDescriptor) -> JSONValue {
    .object([
      ("name", .string(strategy.name)),
      ("summary", .string(strategy.summary)),
      ("needs", .string(strategy.needs.rawValue)),
      ("optimizer", .string(strategy.optimizer.rawValue)),
      ("unseen_site", .string(strategy.unseen)),
      ("minimum_sites", .number(Double(strategy.minimumSites))),
      ("paper", .string(strategy.paper)),
      ("parameters", .array(strategy.parameters.map(\.json))),
    ])
  }

  private static func json(_ attack: AttackKind) -> JSONValue {
    .object([
      ("name", .string(attack.rawValue)),
      ("summary", .string(attack.summary)),
      ("paper", .string(attack.paper)),
      ("parameters", .array(attack.parameters.map(\.json))),
    ])
  }
}
