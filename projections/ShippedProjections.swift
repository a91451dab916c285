/// The projections that come with Mohur: the SQL files of this folder, built into the program so that it needs no
/// files beside it.
public enum ShippedProjections {
    /// Each file's name and text, in the order in which they run.
    public static let all: [(name: String, text: [UInt8])] = [
        ("case-register.sql", PackageResources.case_register_sql),
        ("activity-log.sql", PackageResources.activity_log_sql),
    ]
}
