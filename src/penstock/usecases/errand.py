"""A known caller with a wish in one project that is theirs."""

from dataclasses import dataclass

from penstock.domain.caller import Caller, ProjectId
from penstock.domain.errors import NotAllowed
from penstock.domain.faults import Fault, FaultCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What every use case that works in a project is given beside the desk."""

    caller: Caller
    project_id: ProjectId
    request_id: str = ""


def errand_for(caller: Caller, project_id: str, request_id: str = "") -> Errand:
    """Raises NotAllowed unless the caller may see the project; whether there is such a project stays unsaid."""
    if not caller.may_see(project_id):
        raise NotAllowed([Fault.at("project_id", FaultCode.PROJECT_FOREIGN, project=project_id)])
    return Errand(caller=caller, project_id=ProjectId(project_id), request_id=request_id)
