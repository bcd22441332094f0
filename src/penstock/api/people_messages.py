"""The sentence of every fault about people: who signs in, and their users, projects, keys and tokens."""

from collections.abc import Mapping

from penstock.api.pairs import Pair
from penstock.domain.faults import FaultCode

C = FaultCode

PEOPLE: Mapping[FaultCode, Pair] = {
    # IAM's own words (iam: "Obtaining a User Token Through Password Authentication", the sample of 401).
    C.LOGIN_FAILED: Pair(
        "The username or password is wrong.",
        "The username or password is wrong. Check both, and the name of the account.",
    ),
    C.LOGIN_TOO_OFTEN: Pair(
        "该用户的登录尝试过于频繁，请在{seconds}秒后重试。",
        "Too many attempts to sign in as this user. Wait {seconds} seconds, then try again.",
    ),
    C.IDENTITY_UNSUPPORTED: Pair(
        "不支持认证方式{method}，请使用password或token。",
        "The identity method {method} is not supported. Use password or token.",
    ),
    C.SCOPE_FOREIGN: Pair(
        "请求的项目或账号不存在，或不属于该用户，请检查scope。",
        "The project or domain of the scope is not there, or not the user's. Check the scope.",
    ),
    C.TOKEN_UNKNOWN: Pair(
        "Token（{token}）不存在或已过期，请检查后重试。",
        "There is no token {token}, or it has expired. See which there are: GET /penstock/v1/tokens.",
    ),
    C.TOKEN_AMBIGUOUS: Pair(
        "有多个Token以{token}开头，请提供更长的前缀。",
        "Several tokens begin with {token}. Give more of its digits.",
    ),
    C.CALLER_NAME_INVALID: Pair(
        "参数{field}的长度为1到{limit}，只能包含文字、数字、下划线、点、@和中划线，请修改后重试。",
        "The field {field} must have 1 to {limit} characters: letters, digits, _ . @ and -. Correct it.",
    ),
    C.PASSWORD_LENGTH: Pair(
        "密码长度为{low}到{high}个字符，请修改后重试。",
        "A password has {low} to {high} characters. Choose another one.",
    ),
    C.USER_UNKNOWN: Pair("用户{user}不存在，请检查后重试。", "There is no user {user}. Check the name or the id."),
    C.USER_TAKEN: Pair(
        "用户{user}已存在，请使用其他名称。", "The account has a user {user} already. Choose another name."
    ),
    C.USER_IS_YOURSELF: Pair(
        "不能停用自己，请由其他管理员操作。", "This is yourself. Let another operator disable you."
    ),
    C.PROJECT_UNKNOWN: Pair(
        "项目{project}不存在，请检查后重试。", "There is no project {project}. Check the name or the id."
    ),
    C.PROJECT_TAKEN: Pair(
        "项目{project}已存在（可能已关闭），请使用其他名称。",
        "The account has, or had, a project {project}. Choose another name.",
    ),
    C.PROJECT_BUSY: Pair(
        "项目{project}中还有{jobs}个作业未结束，请先停止这些作业。",
        "The project {project} has {jobs} jobs that wait or run. Stop them first.",
    ),
    C.KEY_UNKNOWN: Pair(
        "访问密钥{key}不存在，请检查后重试。",
        "There is no access key {key}. See which there are: GET /penstock/v1/keys.",
    ),
    C.KEY_IS_YOUR_LAST: Pair(
        "访问密钥{key}是您最后一个密钥，请先创建新的密钥。",
        "The access key {key} is your last one. Make another one first, and use it.",
    ),
}
