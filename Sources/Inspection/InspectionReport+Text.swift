import Reporting

extension InspectionReport {
  /// Tables of sites, findings and heterogeneity.
  package func text() -> String {
    siteTable() + "\n" + findingTable() + "\n" + heterogeneityTable()
  }

  private func siteTable() -> String {
    var table = TextTable(
      columns: [
        .text("site"), .number("cases"), .number("labelled"), .number("errors"), .number("warnings"),
        .text("voxel mm"), .text("orientation"),
      ] + contrasts.map { .number($0) })
    for site in sites {
      let voxel = spacing(site).map { $0.map { NumberText.fixed($0, decimals: 2) }.joined(separator: "×") }
      let orientations = site.orientations.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      let known = orientations.count == 1 ? orientations[0].key : nil
      table.add(
        [
          site.site, "\(site.cases)", "\(site.labelled)", "\(site.withErrors)", "\(site.withWarnings)",
          voxel ?? NumberText.missing,
          known ?? orientations.map { "\($0.key) \($0.value)" }.joined(separator: ", "),
        ] + contrasts.map { NumberText.fixed(median(site, $0), decimals: 1) })
    }
    table.addRule()
    func sum(_ count: (SiteStatistics) -> Int) -> String { "\(sites.reduce(0) { $0 + count($1) })" }
    table.add(
      ["all", sum(\.cases), sum(\.labelled), sum(\.withErrors), sum(\.withWarnings), "", ""]
        + contrasts.map { _ in "" })
    return table.rendered()
      + "Errors, warnings: cases with one. Voxel size: mean, left-right × back-front × feet-head. Contrasts: mean of the "
      + "scans' medians (geometric, over voxels that are not 0).\n"
  }

  private func findingTable() -> String {
    let found = Finding.Severity.allCases.flatMap { severity in
      Finding.Kind.allCases.filter { $0.severity == severity && !places(of: $0).isEmpty }
    }
    if found.isEmpty { return "Nothing was found that stops or troubles training.\n" }
    var table = TextTable(columns: [.text(""), .text("found"), .number("cases"), .text("where")])
    for kind in found {
      let places = places(of: kind)
      let cases = places.reduce(0) { $0 + $1.cases }
      let sites =
        places.count == self.sites.count && places.count > 1
        ? "every site" : places.map { "\($0.site) \($0.cases)" }.joined(separator: ", ")
      table.add([kind.severity.rawValue, kind.title, "\(cases)", sites])
    }
    let pairs = duplicates.map { pair in
      "\(pair.scans) scan\(pair.scans == 1 ? "" : "s") at both \(pair.sites.joined(separator: " and "))"
    }
    return table.rendered() + (pairs.isEmpty ? "" : "Same content: \(pairs.joined(separator: "; ")).\n")
  }

  private func heterogeneityTable() -> String {
    guard sites.count > 1, let overall = heterogeneity.overall else {
      return "Heterogeneity between sites: one site has no other to differ from.\n"
    }
    var table = TextTable(columns: [.text("heterogeneity"), .number("η²"), .text("")])
    func add(_ name: String, _ score: Double) {
      let bar = String(repeating: "█", count: Int((20 * score).rounded()))
      table.add([name, NumberText.fixed(score, decimals: 2), bar])
    }
    if let spacing = heterogeneity.spacing { add("voxel size", spacing) }
    for contrast in heterogeneity.contrasts {
      add("\(contrast.name) median", contrast.logMedian)
      add("\(contrast.name) spread", contrast.spread)
    }
    for label in heterogeneity.labels { add("volume of \(name(of: label.label))", label.score) }
    table.addRule()
    add("overall", overall)
    return table.rendered()
      + "η²: share of the variation between cases that the site explains; 0: sites are alike, 1: the site tells all; by chance "
      + "alone \(NumberText.fixed(heterogeneity.byChance, decimals: 2)) here.\n"
  }

  private func name(of label: UInt16) -> String {
    labels.first { $0.value == label }.flatMap { $0.name.isEmpty ? nil : "\(label) \($0.name)" }
      ?? "label \(label)"
  }
}
