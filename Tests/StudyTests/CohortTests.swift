import Study
import Testing

@Suite struct CohortTests {
  private static var table: CaseTable {
    let columns: [(String, [String])] = [
      ("age", ["61", "17", "n/a", "45", "70.5"]), ("sex", ["F", "M", "F", "", "M"]),
      ("diagnosis", ["glioblastoma", "Glioma, low", "meningioma", "it's", "glioblastoma"]),
      ("site id", ["a", "b", "c", "d", "e"]), ("nothing", ["n/a", "", "n/a", "", ""]),
    ]
    var table = CaseTable(columns: columns.map(\.0))
    let values = columns.map { CaseTable.values($0.1) }
    for row in 0..<5 { table.add("case \(row)", values.map { $0[row] }) }
    return table
  }

  private func included(_ condition: String) throws -> [Int] {
    let cohort = try Cohort([CohortRule(name: "rule", condition: condition)], of: Self.table)
    #expect(cohort.included.count + cohort.excluded.count == 5)
    return cohort.included.compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }
  }

  @Test(arguments: [
    ("age >= 18", [0, 3, 4]), ("age < 18", [1]), ("NOT age < 18", [0, 3, 4]), ("age IS NULL", [2]),
    ("age IS NOT NULL", [0, 1, 3, 4]), ("sex = 'F' AND age > 18 OR sex = 'M'", [0, 1, 4]),
    ("sex = 'F' AND (age > 18 OR sex = 'M')", [0]), ("diagnosis LIKE 'glio%'", [0, 1, 4]),
    ("diagnosis NOT LIKE 'glio%'", [2, 3]), ("age BETWEEN 17 AND 61", [0, 1, 3]),
    ("age not between 17 and 61", [4]), ("diagnosis IN ('meningioma', 'it''s')", [2, 3]),
    ("\"site id\" <> 'a' and SEX != 'M'", [2]), ("70.5e0 == age", [4]), ("age > -1.5E+1", [0, 1, 3, 4]),
    ("nothing IS NULL", [0, 1, 2, 3, 4]), ("nothing = 4", []), ("sex <= sex", [0, 1, 2, 4]),
  ]) func conditionsAreSQLs(condition: String, expected: [Int]) throws {
    #expect(try included(condition) == expected)
  }

  @Test func eachExcludedCaseHasItsFirstRule() throws {
    let rules = [
      try CohortRule(name: "adults", condition: "age >= 18"),
      try CohortRule(name: "glioma", condition: "diagnosis LIKE 'glio%'"),
    ]
    let cohort = try Cohort(rules, of: Self.table)
    #expect(cohort.included == ["case 0", "case 4"])
    #expect(cohort.excluded.map(\.name) == ["case 1", "case 2", "case 3"])
    #expect(cohort.excluded.map(\.rule) == ["adults", "adults", "glioma"])
    #expect(try Cohort([], of: Self.table).included.count == 5)
  }

  /// No other SQL is run: it does not get to SQLite.
  @Test(arguments: [
    ("age >= 18; DROP TABLE cases", "character 10: found ;"),
    ("1 = 1) OR (SELECT 1", "character 6: found ), expected AND, OR or the end"),
    ("age IN (SELECT 1)", "character 9: found SELECT, expected a number, or a text in quotes"),
    ("length(sex) = 1", "there are no functions here"), ("age + 1 > 3", "found +"),
    ("age", "found the end, expected a comparison"),
    ("age >=", "found the end, expected a column or a value"), ("", "found the end"),
    ("age BETWEEN 1", "expected AND"),
    ("sex = 'F", "found ' without an end"), ("age = 1 sex = 'F'", "expected AND, OR or the end"),
    ("age IS 4", "expected NULL or NOT NULL"),
    ("sex LIKE sex", "expected a text in quotes"), ("NOT", "expected a column or a value"),
    ("age = 0x10", "expected a number"),
    ("age NOT = 4", "expected IN, BETWEEN or LIKE"), ("age = 1e999", "expected a number"),
    ("sex = NULL", "found NULL"),
    ("age -- 1", "found -"), ("age IN ()", "found )"), ("sex = 'F' COLLATE NOCASE", "found COLLATE"),
  ]) func whatIsNoCondition(text: String, expected: String) {
    let error = #expect(throws: CohortError.self) { try CohortRule(name: "rule", condition: text) }
    #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
  }

  @Test func bracketsEndSomewhere() {
    let deep = String(repeating: "(", count: 100_000) + "age = 1"
    #expect(throws: CohortError.self) { try CohortRule(name: "rule", condition: deep) }
    let nots = String(repeating: "NOT ", count: 100_000) + "age = 1"
    #expect(throws: CohortError.self) { try CohortRule(name: "rule", condition: nots) }
  }

  @Test(arguments: [
    (
      "ages > 1",
      "column ages is not there, expected one of age, sex, diagnosis, site id, nothing. Did you mean age?"
    ),
    ("sex > 1", "column sex holds text, expected numbers"),
    ("age = '61'", "column age holds numbers, expected text"),
    ("'F' = age", "column age holds numbers"), ("age BETWEEN 1 AND 'x'", "column age holds numbers"),
    ("age IN (1, 'x')", "column age holds numbers"), ("1 = 'x'", "column 1 holds numbers"),
  ]) func tablesThatDoNotFit(text: String, expected: String) throws {
    let rule = try CohortRule(name: "rule", condition: text)
    let error = #expect(throws: CohortError.self) { try Cohort([rule], of: Self.table) }
    #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
  }

  @Test func oneConditionIsWrittenOneWay() throws {
    let first = try CohortRule(name: "", condition: "age>=18 and sex in ('F','M') or not \"site id\" is null")
    let again = try CohortRule(name: "", condition: first.condition.description)
    #expect(again.condition == first.condition)
    #expect(
      first.condition.description
        == "(((\"age\" >= 18) AND (\"sex\" IN ('F', 'M'))) OR (NOT (\"site id\" IS NULL)))")
  }
}
