import Foundations

/// Requests that the data or the folders do not allow.
package enum ExperimentError: DescribedError {
  case unknownSite(data: String, found: String, known: [String])
  /// One scan at two sites, or in two parts.
  case duplicates(first: String, second: String)
  case atlasAlone
  case harmonisationNotOurs(path: String)
  case fits(path: String, expected: String)
  case tooFewSites(data: String, found: Int, needed: Int, purpose: String)
  case notARun(path: String)
  /// A run that is to be resumed was begun otherwise.
  case otherSettings(path: String, field: String, found: String, expected: String)
  /// A run does not follow from its journal and the data.
  case notVerified(path: String, found: String)
  /// The sites of a run had their data elsewhere.
  case dataElsewhere(path: String)
  case otherData(path: String, case: String, field: String, found: String, expected: String)
  case configurationSchema(path: String, found: Int, expected: Int)
  case runIsUsed(path: String)
  /// Something kept a run from its end; what was finished is kept.
  case runStopped(reason: String, output: String)
  /// What a site is told of a run cannot be its.
  case announcement(path: String, field: String, found: String, expected: String)
  case noSiteFolders(path: String)
  /// A site's own folder lies where others read.
  case siteOutput(path: String, exchange: String)
  case modelMismatch(path: String, found: String, expected: String)
  case modelSchema(path: String, found: String, expected: String)
  case noModel(path: String)
  case damagedFold(path: String, reason: String)
  case noTestCases(data: String, run: String)
  case notFederated(path: String, mode: String)
  case ensemble(path: String, field: String, found: String, first: String, expected: String)
  case noModelOfSite(path: String, site: String)
  case noPrediction(path: String, expected: String)
  case predictionGrid(path: String, found: String, expected: String)
  case outputKind(path: String, scan: String, expected: String)
  case evaluationNotOurs(path: String)
  case explanationNotOurs(path: String)
  case unknownLabel(path: String, found: String, known: [String])
  case localRun(path: String)
  case noForeground(path: String)
  case nothingToPredict(path: String)
  case severalContrasts(path: String, expected: [String])

  package var description: String {
    switch self {
    case .unknownSite(let data, let found, let known):
      "\(data): has no site \(found), expected one of \(known.joined(separator: ", "))."
    case .duplicates(let first, let second):
      "\(first) and \(second): found the same scan twice, expected every scan once, since a model that is tested on what it was "
        + "trained on looks better than it is. Remove one, or let it pass with --allow-duplicates."
    case .harmonisationNotOurs(let path):
      "\(path): is not empty and not a harmonisation (no harmonisation.json). Choose another output folder; "
        + "--force replaces only harmonisations."
    case .fits(let path, let expected):
      "\(path): found something else than fitted values, expected \(expected). Name a folder that segfed harmonise wrote."
    case .atlasAlone:
      "--mode local: found no atlas, expected one beside intensity atlas, since a site alone agrees with nobody. "
        + "Give one with --atlas, or choose another intensity."
    case .tooFewSites(let data, let found, let needed, let purpose):
      "\(data): found \(found) site\(found == 1 ? "" : "s"), expected at least \(needed) for \(purpose). "
        + "Lay the cases out as <site>/<case>/."
    case .notARun(let path):
      "\(path): is not empty and not a run folder (no config.yaml). Choose another output folder; "
        + "--force replaces only runs."
    case .otherSettings(let path, let field, let found, let expected):
      "\(path): \(field) is \(expected) there and \(found) now, expected the same. Resume with the settings that the run was "
        + "begun with, or choose another output folder."
    case .notVerified(let path, let found):
      "\(path): \(found). The run does not follow from its journal and the data: one of the three was changed."
    case .dataElsewhere(let path):
      "\(path): its sites were processes of their own, and their data is not known here, expected it to train again. Name a folder that "
        + "holds all of it with --data."
    case .otherData(let path, let name, let field, let found, let expected):
      "\(path): \(field) of case \(name) is \(expected) there and \(found) now, expected the same. Resume with the data that the "
        + "run was begun with, or choose another output folder."
    case .configurationSchema(let path, let found, let expected):
      "\(path): schema_version is \(found), expected \(expected) or less. Resume with the release of segfed that began the run."
    case .runIsUsed(let path):
      "\(path): another segfed is working in it, expected none. Wait for it, or choose another output folder."
    case .runStopped(let reason, let output):
      "\(reason) What was finished is kept in \(output): go on with the same command and --resume."
    case .announcement(let path, let field, let found, let expected):
      "\(path): \(field) is \(found), expected \(expected). Use the same release of segfed on both sides, and the file as the "
        + "coordinator wrote it."
    case .noSiteFolders(let path):
      "\(path): found no folder of a site, expected one for each. Start segfed site there, or name them with --site-names."
    case .siteOutput(let path, let exchange):
      "\(path): lies in \(exchange), which others read, expected a folder of the site's own, since metrics of single cases are kept "
        + "there. Choose another with --output."
    case .modelMismatch(let path, let found, let expected):
      "\(path): the model has \(found), the plan expects \(expected). Use the plan that the model was trained with."
    case .modelSchema(let path, let found, let expected):
      "\(path): schema_version is \(found), expected \(expected). "
        + "Use the release of segfed that wrote the model."
    case .ensemble(let path, let field, let found, let first, let expected):
      "\(path): the plan's \(field) is \(found), expected \(expected) as in \(first), since their predictions are averaged voxel by "
        + "voxel. Leave it out, or predict with each by itself."
    case .damagedFold(let path, let reason):
      "\(path): the fold is damaged: \(reason) Remove the folder; its fold is run again then, and the others are kept."
    case .noTestCases(let data, let run):
      "\(data): found only cases that the models of \(run) were trained or chosen on, expected others too. Give fresh cases, or a run "
        + "whose plan keeps a share for the test."
    case .notFederated(let path, let mode):
      "\(path): found a run of mode \(mode), expected a federated one: nothing travels otherwise."
    case .noModel(let path):
      "\(path): found no model, expected a .safetensors file of segfed, or a run folder with coordinator/model.safetensors."
    case .noModelOfSite(let path, let site):
      "\(path): found no model of site \(site), expected sites/\(site)/model.safetensors, "
        + "since the run has no coordinator/model.safetensors."
    case .noPrediction(let path, let expected):
      "\(path): found no prediction for the case, expected \(expected). Predict it, or leave the case out."
    case .predictionGrid(let path, let found, let expected):
      "\(path): the prediction's grid is \(found), its reference's is \(expected). Predict in the scan's own grid."
    case .outputKind(let path, let scan, let expected):
      "\(path): the label map of \(scan) is written as its scan is, expected a name ending in \(expected). "
        + "Choose another name, or name a folder."
    case .evaluationNotOurs(let path):
      "\(path): is not empty and not an evaluation (no metrics.json, or a run's config.yaml). Choose another "
        + "output folder; --force replaces only evaluations."
    case .explanationNotOurs(let path):
      "\(path): is not empty and not an explanation (no occlusion.json, or a run's config.yaml). Choose another "
        + "output folder; --force replaces only explanations."
    case .unknownLabel(let path, let found, let known):
      "\(path): the model has no label or region \(found), expected one of \(known.joined(separator: ", "))."
    case .localRun(let path):
      "\(path): found a model for each site, expected one model, since a single case was given. "
        + "Name the site's own: \(path)/sites/<name>/model.safetensors."
    case .noForeground(let path):
      "\(path): found only 0 in the label maps of all cases, expected labels above 0. Check the label maps."
    case .nothingToPredict(let path):
      "\(path): found no scan, expected a .nii, .nii.gz, .hdr or .png file, a case folder, or a folder of cases."
    case .severalContrasts(let path, let expected):
      "\(path): is one file, but the model needs the contrasts \(expected.joined(separator: ", ")). "
        + "Give the folder of the case."
    }
  }
}
